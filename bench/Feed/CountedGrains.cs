using System.Collections.Concurrent;
using System.Reflection;
using Admission.Capacity;

namespace Admission.Feed.Bench;

/// <summary>Counts the calls that are made to capacity grains through a grain factory.</summary>
public class CountedGrains : DispatchProxy
{
    private readonly ConcurrentDictionary<string, ICapacityGrain> _grains = new(StringComparer.Ordinal);
    private IGrainFactory? _behind;
    private long _calls;

    /// <summary>Calls so far.</summary>
    public long Calls => Volatile.Read(ref _calls);

    /// <summary>Stands before a factory.</summary>
    public static CountedFactory Before(IGrainFactory behind)
    {
        var proxy = Create<IGrainFactory, CountedGrains>();
        var counted = (CountedGrains)proxy;
        counted._behind = behind;
        return new CountedFactory(proxy, counted);
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        targetMethod!.IsGenericMethod && targetMethod.GetGenericArguments()[0] == typeof(ICapacityGrain) && args![0] is string key
            ? _grains.GetOrAdd(key, _ => CountedGrain.Before((ICapacityGrain)targetMethod.Invoke(_behind, args)!, () => Interlocked.Increment(ref _calls)))
            : targetMethod.Invoke(_behind, args);
}

/// <summary>A grain factory, and who counts its calls.</summary>
public sealed record CountedFactory(IGrainFactory Grains, CountedGrains Count);

/// <summary>Counts the calls to one grain.</summary>
public class CountedGrain : DispatchProxy
{
    private ICapacityGrain? _behind;
    private Action? _called;

    /// <summary>Stands before a grain.</summary>
    public static ICapacityGrain Before(ICapacityGrain behind, Action called)
    {
        var proxy = Create<ICapacityGrain, CountedGrain>();
        var counted = (CountedGrain)(object)proxy;
        (counted._behind, counted._called) = (behind, called);
        return proxy;
    }

    /// <inheritdoc/>
    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        _called!();
        return targetMethod!.Invoke(_behind, args);
    }
}
