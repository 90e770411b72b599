namespace Orleans;

/// <summary>The name of a grain class in identities and in storage, instead of the one that its class name gives.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class GrainTypeAttribute(string grainType) : Attribute
{
    internal string GrainType { get; } = grainType;
}
