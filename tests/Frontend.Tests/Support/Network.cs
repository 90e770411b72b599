using System.Reflection;
using System.Runtime.ExceptionServices;
using Admission.Capacity;

namespace Admission.Frontend.Tests.Support;

/// <summary>The way between a gateway and its ledgers, which a test can cut. A DispatchProxy class must not be sealed.</summary>
internal class Network : DispatchProxy
{
    private object _target = null!;
    private TestGateway _gateway = null!;

    public static IGrainFactory Around(IGrainFactory grains, TestGateway gateway) => Around<IGrainFactory>(grains, gateway);

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (_target is ICapacityGrain && _gateway.IsCutOff)
        {
            throw new TimeoutException("The test has cut the network.");
        }

        try
        {
            var result = targetMethod!.Invoke(_target, args);
            return result is ICapacityGrain grain ? Around(grain, _gateway) : result;
        }
        catch (TargetInvocationException wrapper) when (wrapper.InnerException is { } inner)
        {
            ExceptionDispatchInfo.Throw(inner);
            throw;
        }
    }

    private static T Around<T>(T target, TestGateway gateway)
        where T : class
    {
        var proxy = Create<T, Network>();
        ((Network)(object)proxy)._target = target;
        ((Network)(object)proxy)._gateway = gateway;
        return proxy;
    }
}
