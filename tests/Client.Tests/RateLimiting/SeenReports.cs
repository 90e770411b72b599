using System.Collections.Concurrent;
using System.Reflection;
using Admission.Capacity;

namespace Admission.Client.Tests.RateLimiting;

/// <summary>Stands between a client and its ledgers, and keeps the reports. A DispatchProxy class must not be sealed.</summary>
internal class SeenReports : DispatchProxy
{
    private object _target = null!;

    public static ConcurrentQueue<HolderReport> Before(ref IGrainFactory grains)
    {
        var seen = new ConcurrentQueue<HolderReport>();
        grains = Around(grains, seen);
        return seen;
    }

    private ConcurrentQueue<HolderReport> Seen { get; set; } = null!;

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (args is [HolderReport report, ..])
        {
            Seen.Enqueue(report);
        }

        var result = targetMethod!.Invoke(_target, args);
        return result is ICapacityGrain grain ? Around(grain, Seen) : result;
    }

    private static T Around<T>(T target, ConcurrentQueue<HolderReport> seen)
        where T : class
    {
        var proxy = Create<T, SeenReports>();
        ((SeenReports)(object)proxy)._target = target;
        ((SeenReports)(object)proxy).Seen = seen;
        return proxy;
    }
}
