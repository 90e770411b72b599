namespace Orleans.Runtime
{
    /// <summary>The base of Orleans' own exceptions.</summary>
    public class OrleansException : Exception
    {
        /// <summary>Creates one.</summary>
        public OrleansException()
            : base("Unexpected error.")
        {
        }

        /// <summary>Creates one.</summary>
        public OrleansException(string message)
            : base(message)
        {
        }

        /// <summary>Creates one.</summary>
        public OrleansException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>A message was not processed: its target refused it, or could not be reached.</summary>
    public class OrleansMessageRejectionException : OrleansException
    {
        internal OrleansMessageRejectionException(string message)
            : base(message)
        {
        }

        internal OrleansMessageRejectionException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>The silo that a message was for is not running, or not any more.</summary>
    public sealed class SiloUnavailableException : OrleansMessageRejectionException
    {
        /// <summary>Creates one.</summary>
        public SiloUnavailableException()
            : base("The silo is unavailable.")
        {
        }

        /// <summary>Creates one.</summary>
        public SiloUnavailableException(string msg)
            : base(msg)
        {
        }

        /// <summary>Creates one.</summary>
        public SiloUnavailableException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }

    /// <summary>The configuration of a silo or client is wrong.</summary>
    public sealed class OrleansConfigurationException : Exception
    {
        /// <summary>Creates one.</summary>
        public OrleansConfigurationException(string message)
            : base(message)
        {
        }

        /// <summary>Creates one.</summary>
        public OrleansConfigurationException(string message, Exception innerException)
            : base(message, innerException)
        {
        }
    }
}

namespace Orleans.Storage
{
    /// <summary>A storage operation found another version of the state than the one that the grain read.</summary>
    /// <remarks>An activation that lets this exception out of a call is deactivated: what it has in memory is wrong.</remarks>
    public class InconsistentStateException : Runtime.OrleansException
    {
        /// <summary>Creates one.</summary>
        public InconsistentStateException()
        {
        }

        /// <summary>Creates one.</summary>
        public InconsistentStateException(string message)
            : base(message)
        {
        }

        /// <summary>Creates one.</summary>
        public InconsistentStateException(string message, Exception innerException)
            : base(message, innerException)
        {
        }

        /// <summary>Creates one that tells both versions.</summary>
        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag, Exception? storageException)
            : base(errorMsg, storageException!)
        {
            StoredEtag = storedEtag;
            CurrentEtag = currentEtag;
        }

        /// <summary>Creates one that tells both versions.</summary>
        public InconsistentStateException(string errorMsg, string? storedEtag, string? currentEtag)
            : this(errorMsg, storedEtag, currentEtag, storageException: null)
        {
        }

        /// <summary>The version in storage.</summary>
        public string? StoredEtag { get; }

        /// <summary>The version that the grain has.</summary>
        public string? CurrentEtag { get; }

        /// <summary>Whether it comes from the activation itself, not from another grain that this one called.</summary>
        internal bool IsSourceActivation { get; set; } = true;
    }
}
