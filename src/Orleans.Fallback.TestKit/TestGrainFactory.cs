using Moq;
using Orleans.Runtime;

namespace Orleans.TestKit;

/// <summary>Gives the grain under test probes of other grains.</summary>
public sealed class TestGrainFactory : IGrainFactory
{
    private readonly Dictionary<(Type Interface, string? Prefix, IdSpan Key), object> _probes = [];
    private readonly Dictionary<Type, Func<IdSpan, object>> _factories = [];
    private readonly TestKitOptions _options;

    internal TestGrainFactory(TestKitOptions options) => _options = options;

    /// <inheritdoc/>
    public TGrainInterface GetGrain<TGrainInterface>(Guid primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithGuidKey =>
        Get<TGrainInterface>(GrainIdKeyExtensions.CreateGuidKey(primaryKey), grainClassNamePrefix);

    /// <inheritdoc/>
    public TGrainInterface GetGrain<TGrainInterface>(long primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithIntegerKey =>
        Get<TGrainInterface>(GrainIdKeyExtensions.CreateIntegerKey(primaryKey), grainClassNamePrefix);

    /// <inheritdoc/>
    public TGrainInterface GetGrain<TGrainInterface>(string primaryKey, string? grainClassNamePrefix = null)
        where TGrainInterface : IGrainWithStringKey => Get<TGrainInterface>(IdSpan.Create(primaryKey), grainClassNamePrefix);

    /// <summary>Not supported, as in OrleansTestKit.</summary>
    public TGrainInterface GetGrain<TGrainInterface>(GrainId grainId)
        where TGrainInterface : IAddressable => throw NotInTestKit();

    /// <summary>Not supported, as in OrleansTestKit.</summary>
    public TGrainObserverInterface CreateObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => throw NotInTestKit();

    /// <summary>Not supported, as in OrleansTestKit.</summary>
    public void DeleteObjectReference<TGrainObserverInterface>(IGrainObserver obj)
        where TGrainObserverInterface : IGrainObserver => throw NotInTestKit();

    internal Mock<T> AddProbe<T>(IdSpan key, string? prefix)
        where T : class, IGrain
    {
        var mock = new Mock<T>();
        _probes.Add((typeof(T), prefix, key), mock.Object);
        return mock;
    }

    internal void AddProbe<T>(Func<IdSpan, T> factory)
        where T : class, IGrain => _factories.Add(typeof(T), factory);

    private static NotSupportedException NotInTestKit() => new("OrleansTestKit does not support this.");

    private T Get<T>(IdSpan key, string? prefix)
    {
        if (!_probes.TryGetValue((typeof(T), prefix, key), out var probe))
        {
            if (_options.StrictGrainProbes)
            {
                throw new InvalidOperationException(
                    $"Probe {key} does not exist for type {typeof(T).Name}. Ensure that it is added before the grain is tested.");
            }

            probe = _factories.TryGetValue(typeof(T), out var factory) ? factory(key) : TestKitMocks.Create(typeof(T));
            _probes.Add((typeof(T), prefix, key), probe);
        }

        return (T)probe;
    }
}

/// <summary>Mocks of types that are known at run time only.</summary>
internal static class TestKitMocks
{
    public static object Create(Type type) => ((Mock)Activator.CreateInstance(typeof(Mock<>).MakeGenericType(type))!).Object;
}
