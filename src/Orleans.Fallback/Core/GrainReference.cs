using Orleans.Fallback.References;

namespace Orleans.Runtime;

/// <summary>The address of a grain as seen through one of its interfaces.</summary>
/// <remarks>In the fallback a typed reference is a proxy that carries one of these; in Orleans it is one.</remarks>
public class GrainReference : IAddressable, IEquatable<GrainReference>
{
    private readonly ReferenceFactory _factory;

    internal GrainReference(ReferenceFactory factory, GrainId grainId, GrainInterfaceType interfaceType)
    {
        _factory = factory;
        GrainId = grainId;
        InterfaceType = interfaceType;
    }

    /// <summary>The grain.</summary>
    public GrainId GrainId { get; }

    /// <summary>The interface.</summary>
    public GrainInterfaceType InterfaceType { get; }

    /// <summary>A reference to the same grain by another interface.</summary>
    public virtual TGrainInterface Cast<TGrainInterface>()
        where TGrainInterface : IAddressable => (TGrainInterface)_factory.Create(typeof(TGrainInterface), GrainId);

    /// <inheritdoc/>
    public bool Equals(GrainReference? other) => other is not null && GrainId.Equals(other.GrainId);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    /// <inheritdoc/>
    public override int GetHashCode() => GrainId.GetHashCode();

    /// <inheritdoc/>
    public sealed override string ToString() => $"GrainReference:{GrainId}:{InterfaceType}";

    /// <summary>Whether two are equal.</summary>
    public static bool operator ==(GrainReference? reference1, GrainReference? reference2) => Equals(reference1, reference2);

    /// <summary>Whether two differ.</summary>
    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !Equals(reference1, reference2);

    /// <summary>The name of an interface.</summary>
    internal static GrainInterfaceType InterfaceOf(Type type) => GrainInterfaceType.Create(type.FullName ?? type.Name);

    internal object Cast(Type interfaceType) => _factory.Create(interfaceType, GrainId);
}
