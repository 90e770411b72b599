namespace Orleans.Runtime;

/// <summary>One activation of a grain, as its code and its components see it.</summary>
public interface IGrainContext : IEquatable<IGrainContext>
{
    /// <summary>A reference to the grain.</summary>
    GrainReference GrainReference { get; }

    /// <summary>The grain's identity.</summary>
    GrainId GrainId { get; }

    /// <summary>The grain object, once it is created.</summary>
    object? GrainInstance { get; }

    /// <summary>The activation's identity.</summary>
    ActivationId ActivationId { get; }

    /// <summary>The services of this activation, with scoped ones of its own.</summary>
    IServiceProvider ActivationServices { get; }

    /// <summary>Completes when the activation has ended.</summary>
    Task Deactivated { get; }

    /// <summary>Ends the activation once what runs has ended. Returns at once.</summary>
    /// <param name="deactivationReason">The reason, which <c>OnDeactivateAsync</c> is told.</param>
    /// <param name="cancellationToken">Stops waiting for what runs, and is passed on to <c>OnDeactivateAsync</c>.</param>
    void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default);
}

/// <summary>The runtime as the <see cref="Grain"/> class sees it.</summary>
public interface IGrainRuntime
{
    /// <summary>The silo's identity.</summary>
    string SiloIdentity { get; }

    /// <summary>Makes references.</summary>
    IGrainFactory GrainFactory { get; }

    /// <summary>Makes timers.</summary>
    Timers.ITimerRegistry TimerRegistry { get; }

    /// <summary>The silo's services.</summary>
    IServiceProvider ServiceProvider { get; }

    /// <summary>The time.</summary>
    TimeProvider TimeProvider => TimeProvider.System;

    /// <summary>Ends the activation once what runs has ended.</summary>
    void DeactivateOnIdle(IGrainContext grainContext);

    /// <summary>Keeps an idle activation for at least this time.</summary>
    void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan);
}
