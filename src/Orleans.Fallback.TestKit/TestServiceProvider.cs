using Microsoft.Extensions.DependencyInjection;
using Moq;

namespace Orleans.TestKit.Services;

/// <summary>The services of a grain under test: what was added, and mocks of everything else.</summary>
public sealed class TestServiceProvider : IServiceProvider, IKeyedServiceProvider
{
    private readonly Dictionary<(Type Type, object? Key), object> _services = [];
    private readonly TestKitOptions _options;

    /// <summary>Creates one.</summary>
    public TestServiceProvider(TestKitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <summary>Adds a service, in the place of one that was there.</summary>
    public T AddService<T>(T instance) => AddKeyedService(serviceKey: null, instance);

    /// <summary>Adds a keyed service, in the place of one that was there.</summary>
    public T AddKeyedService<T>(object? serviceKey, T instance)
    {
        ArgumentNullException.ThrowIfNull(instance);
        _services[(typeof(T), serviceKey)] = instance;
        return instance;
    }

    /// <summary>Adds a mock as a service.</summary>
    public Mock<T> AddServiceProbe<T>()
        where T : class => AddServiceProbe(new Mock<T>());

    /// <summary>Adds a mock as a service.</summary>
    public Mock<T> AddServiceProbe<T>(Mock<T> mock)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(mock);
        _ = AddService(mock.Object);
        return mock;
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType) => GetKeyedService(serviceType, serviceKey: null);

    /// <inheritdoc/>
    public object? GetKeyedService(Type serviceType, object? serviceKey)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (!_services.TryGetValue((serviceType, serviceKey), out var service))
        {
            service = _options.StrictServiceProbes
                ? throw new InvalidOperationException(
                    $"Service probe does not exist for type {serviceType.Name}. Ensure that it is added before the grain is tested.")
                : TestKitMocks.Create(serviceType);
            _services.Add((serviceType, serviceKey), service);
        }

        return service;
    }

    /// <inheritdoc/>
    public object GetRequiredKeyedService(Type serviceType, object? serviceKey) => GetKeyedService(serviceType, serviceKey)!;
}
