using Orleans.Fallback.Engine;
using Orleans.Runtime;

namespace Orleans;

/// <summary>The base of grain classes.</summary>
/// <remarks>
/// All code of one activation runs one turn at a time. Where an <c>await</c> stands another call may come in only if the class or the method
/// says so (<see cref="Concurrency.ReentrantAttribute"/>, <see cref="Concurrency.AlwaysInterleaveAttribute"/>,
/// <see cref="Concurrency.ReadOnlyAttribute"/>). <c>ConfigureAwait(false)</c> and <c>Task.Run</c> leave the turn.
/// </remarks>
public abstract class Grain : IGrainBase, IAddressable
{
    private readonly IGrainRuntime? _runtime;

    /// <summary>Creates a grain for the activation that is being created.</summary>
    protected Grain()
        : this(ActivationBeingCreated.Current)
    {
    }

    /// <summary>Creates a grain for this activation.</summary>
    protected Grain(IGrainContext grainContext, IGrainRuntime? grainRuntime = null)
    {
        // A null context is a grain made with "new", as a unit test may do: it works until it needs its runtime.
        GrainContext = grainContext;
        _runtime = grainRuntime ?? (IGrainRuntime?)grainContext?.ActivationServices.GetService(typeof(IGrainRuntime));
    }

    /// <inheritdoc/>
    public IGrainContext GrainContext { get; }

    /// <summary>A reference to this grain.</summary>
    public GrainReference GrainReference => GrainContext.GrainReference;

    /// <summary>The identity as text.</summary>
    public string IdentityString => GrainContext?.GrainId.ToString() ?? "";

    /// <summary>The silo's identity.</summary>
    public string RuntimeIdentity => _runtime?.SiloIdentity ?? "";

    /// <summary>Makes references to other grains.</summary>
    protected IGrainFactory GrainFactory => Runtime.GrainFactory;

    /// <summary>The services.</summary>
    protected IServiceProvider ServiceProvider => GrainContext?.ActivationServices ?? Runtime.ServiceProvider;

    private IGrainRuntime Runtime => _runtime ?? throw new InvalidOperationException(
        "Grain was created outside of the Orleans creation process and no runtime was specified.");

    /// <summary>Called before the first call is. An exception from here fails that call, and the activation.</summary>
    public virtual Task OnActivateAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called after the last call has ended and the timers have stopped.</summary>
    public virtual Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Ends this activation when the running calls have ended. The next call makes a new one.</summary>
    protected void DeactivateOnIdle() => Runtime.DeactivateOnIdle(GrainContext);

    /// <summary>Keeps this activation for at least this time although it is idle; zero or less takes that back.</summary>
    protected void DelayDeactivation(TimeSpan timeSpan) => Runtime.DelayDeactivation(GrainContext, timeSpan);

    /// <summary>Moves this activation to another silo when it is idle; without another silo it stays.</summary>
    protected void MigrateOnIdle() => GrainBaseExtensions.MigrateOnIdle(this);
}
