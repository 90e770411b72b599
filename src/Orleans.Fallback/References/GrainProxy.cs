using System.Reflection;
using Orleans.Fallback.Messages;
using Orleans.Runtime;

namespace Orleans.Fallback.References;

/// <summary>The object behind a grain interface at the caller's: each method call becomes a request.</summary>
internal class GrainProxy : DispatchProxy, IAddressable
{
    private Caller _caller = null!;

    /// <summary>What it refers to.</summary>
    public GrainReference Reference { get; private set; } = null!;

    public static object Create(Type interfaceType, GrainReference reference, Caller caller)
    {
        var proxy = DispatchProxy.Create(interfaceType, typeof(GrainProxy));
        ((GrainProxy)proxy).Reference = reference;
        ((GrainProxy)proxy)._caller = caller;
        return proxy;
    }

    public override bool Equals(object? obj) => obj is GrainProxy other && Reference.Equals(other.Reference);

    public override int GetHashCode() => Reference.GetHashCode();

    public override string ToString() => Reference.ToString();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        _caller.Call(Reference.GrainId, MethodShape.Of(targetMethod!), args);
}
