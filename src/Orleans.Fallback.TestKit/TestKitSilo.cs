using Orleans.Runtime;
using Orleans.TestKit.Services;
using Orleans.TestKit.Storage;
using Orleans.TestKit.Timers;
using Orleans.Timers;

namespace Orleans.TestKit;

/// <summary>Creates the grain under test and holds all that is around it.</summary>
public sealed class TestKitSilo
{
    private bool _created;

    /// <summary>Creates a silo.</summary>
    public TestKitSilo()
    {
        GrainFactory = new TestGrainFactory(Options);
        ServiceProvider = new TestServiceProvider(Options);
        StorageManager = new StorageManager(Options);
        TimerRegistry = new TestTimerRegistry();
        GrainRuntime = new TestGrainRuntime(GrainFactory, TimerRegistry, ServiceProvider);
        _ = ServiceProvider.AddService<IGrainRuntime>(GrainRuntime);
        _ = ServiceProvider.AddService<ITimerRegistry>(TimerRegistry);
        _ = ServiceProvider.AddService<IGrainFactory>(GrainFactory);
    }

    /// <summary>The options; set them before the grain is created.</summary>
    public TestKitOptions Options { get; } = new();

    /// <summary>The grain factory of the grain under test.</summary>
    public TestGrainFactory GrainFactory { get; }

    /// <summary>The runtime of the grain under test.</summary>
    public TestGrainRuntime GrainRuntime { get; }

    /// <summary>The services of the grain under test.</summary>
    public TestServiceProvider ServiceProvider { get; }

    /// <summary>The states of the grain under test.</summary>
    public StorageManager StorageManager { get; }

    /// <summary>The timers of the grain under test.</summary>
    public TestTimerRegistry TimerRegistry { get; }

    /// <summary>Creates and activates the grain under test.</summary>
    public Task<T> CreateGrainAsync<T>(string id, CancellationToken cancellation = default)
        where T : Grain, IGrainWithStringKey => CreateGrainAsync<T>(IdSpan.Create(id), cancellation);

    /// <summary>Creates and activates the grain under test.</summary>
    public Task<T> CreateGrainAsync<T>(long id, CancellationToken cancellation = default)
        where T : Grain, IGrainWithIntegerKey => CreateGrainAsync<T>(GrainIdKeyExtensions.CreateIntegerKey(id), cancellation);

    /// <summary>Creates and activates the grain under test.</summary>
    public Task<T> CreateGrainAsync<T>(Guid id, CancellationToken cancellation = default)
        where T : Grain, IGrainWithGuidKey => CreateGrainAsync<T>(GrainIdKeyExtensions.CreateGuidKey(id), cancellation);

    /// <summary>Deactivates the grain: by default because the silo shuts down.</summary>
    public Task DeactivateAsync(Grain grain, DeactivationReason? deactivationReason = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(grain);
        var reason = deactivationReason
            ?? new DeactivationReason(DeactivationReasonCode.ShuttingDown, $"TestKit {nameof(DeactivateAsync)} called");
        return grain.OnDeactivateAsync(reason, cancellationToken);
    }

    /// <summary>The context of the grain.</summary>
    public IGrainContext GetContextFromGrain(Grain grain)
    {
        ArgumentNullException.ThrowIfNull(grain);
        return grain.GrainContext;
    }

    private async Task<T> CreateGrainAsync<T>(IdSpan key, CancellationToken cancellation)
        where T : Grain
    {
        if (_created)
        {
            throw new InvalidOperationException(
                "A grain has already been created in this silo. Only 1 grain per test silo should ever be created. "
                + "Add grain probes for supporting grains.");
        }

        _created = true;
        var context = new TestGrainActivationContext
        {
            GrainId = GrainId.Create(new GrainType(key), key),
            ActivationId = ActivationId.NewId(),
            ActivationServices = ServiceProvider,
            GrainType = typeof(T),
        };
        _ = ServiceProvider.AddService<IGrainContext>(context);
        var grain = (T)TestGrainCreator.Create(typeof(T), context, StorageManager);
        context.GrainInstance = grain;
        await grain.OnActivateAsync(cancellation);
        return grain;
    }
}
