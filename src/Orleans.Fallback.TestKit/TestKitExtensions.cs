using Moq;
using Orleans.Core;
using Orleans.Runtime;
using Orleans.TestKit.Storage;

namespace Orleans.TestKit;

/// <summary>Probes of other grains.</summary>
public static class GrainProbeExtensions
{
    /// <summary>Adds a mock of another grain.</summary>
    public static Mock<T> AddProbe<T>(this TestKitSilo silo, string id, string? classPrefix = null)
        where T : class, IGrainWithStringKey => Check(silo).AddProbe<T>(IdSpan.Create(id), classPrefix);

    /// <summary>Adds a mock of another grain.</summary>
    public static Mock<T> AddProbe<T>(this TestKitSilo silo, long id, string? classPrefix = null)
        where T : class, IGrainWithIntegerKey => Check(silo).AddProbe<T>(GrainIdKeyExtensions.CreateIntegerKey(id), classPrefix);

    /// <summary>Adds a mock of another grain.</summary>
    public static Mock<T> AddProbe<T>(this TestKitSilo silo, Guid id, string? classPrefix = null)
        where T : class, IGrainWithGuidKey => Check(silo).AddProbe<T>(GrainIdKeyExtensions.CreateGuidKey(id), classPrefix);

    /// <summary>Makes other grains of a type when the grain under test asks for them.</summary>
    public static void AddProbe<T>(this TestKitSilo silo, Func<IdSpan, T> factory)
        where T : class, IGrain => Check(silo).AddProbe(factory);

    private static TestGrainFactory Check(TestKitSilo silo) => (silo ?? throw new ArgumentNullException(nameof(silo))).GrainFactory;
}

/// <summary>Services of the grain under test.</summary>
public static class TestServicesExtensions
{
    /// <summary>Adds a service.</summary>
    public static T AddService<T>(this TestKitSilo silo, T instance)
        where T : class => Check(silo).AddService(instance);

    /// <summary>Adds a keyed service.</summary>
    public static T AddKeyedService<T>(this TestKitSilo silo, object? serviceKey, T instance)
        where T : class => Check(silo).AddKeyedService(serviceKey, instance);

    /// <summary>Adds a mock as a service.</summary>
    public static Mock<T> AddServiceProbe<T>(this TestKitSilo silo)
        where T : class => Check(silo).AddServiceProbe<T>();

    /// <summary>Adds a mock as a service.</summary>
    public static Mock<T> AddServiceProbe<T>(this TestKitSilo silo, Mock<T> mock)
        where T : class => Check(silo).AddServiceProbe(mock);

    private static Services.TestServiceProvider Check(TestKitSilo silo) =>
        (silo ?? throw new ArgumentNullException(nameof(silo))).ServiceProvider;
}

/// <summary>Timers of the grain under test.</summary>
public static class TimerExtensions
{
    /// <summary>Calls every timer's callback once.</summary>
    public static Task FireAllTimersAsync(this TestKitSilo silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        return silo.TimerRegistry.FireAllAsync();
    }

    /// <summary>Calls one timer's callback once, by the order of registration.</summary>
    public static Task FireTimerAsync(this TestKitSilo silo, int index)
    {
        ArgumentNullException.ThrowIfNull(silo);
        return silo.TimerRegistry.FireAsync(index);
    }
}

/// <summary>States of the grain under test.</summary>
public static class StorageExtensions
{
    /// <summary>Gives a state its content before the grain is created.</summary>
    public static IPersistentState<T> AddPersistentState<T>(
        this TestKitSilo silo, string stateName, string? storageName = default, T? state = default) =>
        silo.AddPersistentStateStorage(stateName, storageName, new TestStorage<T>(state ?? Activator.CreateInstance<T>()));

    /// <summary>Gives a state its storage before the grain is created.</summary>
    public static IPersistentState<T> AddPersistentStateStorage<T>(
        this TestKitSilo silo, string stateName, string? storageName = default, IStorage<T>? storage = default)
    {
        ArgumentNullException.ThrowIfNull(silo);
        ArgumentException.ThrowIfNullOrWhiteSpace(stateName);
        _ = storageName; // As in OrleansTestKit, a state is found by its name whatever its storage.
        return silo.StorageManager.Add(stateName, storage ?? new TestStorage<T>());
    }
}
