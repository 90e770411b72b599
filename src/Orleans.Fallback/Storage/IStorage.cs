using Orleans.Runtime;

namespace Orleans.Core
{
    /// <summary>A grain's state in storage.</summary>
    public interface IStorage
    {
        /// <summary>The version of the state that was last read or written; null when there is none.</summary>
        string? Etag { get; }

        /// <summary>Whether there is a state in storage.</summary>
        bool RecordExists { get; }

        /// <summary>Reads the state, replacing what is in memory.</summary>
        Task ReadStateAsync();

        /// <summary>Writes the state, if storage still has the version that was last read or written.</summary>
        /// <exception cref="Storage.InconsistentStateException">Storage has another version.</exception>
        Task WriteStateAsync();

        /// <summary>Removes the state from storage, and resets what is in memory.</summary>
        /// <exception cref="Storage.InconsistentStateException">Storage has another version.</exception>
        Task ClearStateAsync();

        /// <inheritdoc cref="ReadStateAsync()"/>
        Task ReadStateAsync(CancellationToken cancellationToken) => ReadStateAsync();

        /// <inheritdoc cref="WriteStateAsync()"/>
        Task WriteStateAsync(CancellationToken cancellationToken) => WriteStateAsync();

        /// <inheritdoc cref="ClearStateAsync()"/>
        Task ClearStateAsync(CancellationToken cancellationToken) => ClearStateAsync();
    }

    /// <summary>A grain's typed state in storage.</summary>
    public interface IStorage<TState> : IStorage
    {
        /// <summary>The state in memory.</summary>
        TState State { get; set; }
    }
}

namespace Orleans.Runtime
{
    /// <summary>A state that a grain's constructor takes, with <see cref="PersistentStateAttribute"/>; it is read before activation.</summary>
    public interface IPersistentState<TState> : Core.IStorage<TState>;

    /// <summary>Names a state and the storage that keeps it.</summary>
    [AttributeUsage(AttributeTargets.Parameter)]
    public class PersistentStateAttribute : Attribute
    {
        /// <summary>Names a state and the storage that keeps it; without a storage name, the default storage.</summary>
        public PersistentStateAttribute(string stateName, string? storageName = null)
        {
            ArgumentNullException.ThrowIfNull(stateName);
            StateName = stateName;
            StorageName = storageName;
        }

        /// <summary>The state's name.</summary>
        public string StateName { get; }

        /// <summary>The storage's name, or null for the default.</summary>
        public string? StorageName { get; }
    }
}

namespace Orleans
{
    /// <summary>What a storage provider reads into and writes from.</summary>
    public interface IGrainState<T>
    {
        /// <summary>The state.</summary>
        T State { get; set; }

        /// <summary>Its version, as the storage provider names it.</summary>
        string ETag { get; set; }

        /// <summary>Whether there is a record in storage.</summary>
        bool RecordExists { get; set; }
    }

    /// <summary>What a storage provider reads into and writes from.</summary>
    public class GrainState<T> : IGrainState<T>
    {
        /// <summary>Creates an empty one.</summary>
        public GrainState()
        {
        }

        /// <summary>Creates one without a version.</summary>
        public GrainState(T state)
            : this(state, null!)
        {
        }

        /// <summary>Creates one.</summary>
        public GrainState(T state, string eTag)
        {
            State = state;
            ETag = eTag;
        }

        /// <inheritdoc/>
        public T State { get; set; } = default!;

        /// <inheritdoc/>
        public string ETag { get; set; } = null!;

        /// <inheritdoc/>
        public bool RecordExists { get; set; }
    }
}

namespace Orleans.Storage
{
    /// <summary>Keeps the states of grains. Implementations are called from many grains at once.</summary>
    public interface IGrainStorage
    {
        /// <summary>Reads a state; without a record it leaves a new state, no version, and <c>RecordExists</c> false.</summary>
        Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Writes a state if its version is still the stored one, and sets the new version.</summary>
        /// <exception cref="InconsistentStateException">Storage has another version.</exception>
        Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

        /// <summary>Removes a state if its version is still the stored one.</summary>
        /// <exception cref="InconsistentStateException">Storage has another version.</exception>
        Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
    }
}

namespace Orleans.Providers
{
    /// <summary>Names of default providers.</summary>
    public static class ProviderConstants
    {
        /// <summary>The name of the default storage.</summary>
        public const string DEFAULT_STORAGE_PROVIDER_NAME = "Default";
    }
}
