using Orleans.Runtime;

namespace Orleans.Fallback.Serialization;

/// <summary>Stands for an exception of another process whose type cannot be made here.</summary>
internal sealed class RemoteException : OrleansException
{
    public RemoteException(string typeName, string message, Exception? inner)
        : base($"{typeName}: {message}", inner!)
    {
        TypeName = typeName;
        OriginalMessage = message;
    }

    /// <summary>The type of the exception.</summary>
    public string TypeName { get; }

    /// <summary>Its message.</summary>
    public string OriginalMessage { get; }
}
