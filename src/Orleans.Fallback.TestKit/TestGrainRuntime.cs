using Moq;
using Orleans.Runtime;
using Orleans.Timers;

namespace Orleans.TestKit;

/// <summary>The runtime of a grain under test; what the grain asks of it goes to <see cref="Mock"/>, to be verified.</summary>
public sealed class TestGrainRuntime : IGrainRuntime
{
    internal TestGrainRuntime(IGrainFactory grainFactory, ITimerRegistry timerRegistry, IServiceProvider serviceProvider)
    {
        GrainFactory = grainFactory;
        TimerRegistry = timerRegistry;
        ServiceProvider = serviceProvider;
    }

    /// <summary>Hears what the grain asks for.</summary>
    public Mock<IGrainRuntime> Mock { get; } = new();

    /// <inheritdoc/>
    public IGrainFactory GrainFactory { get; }

    /// <inheritdoc/>
    public ITimerRegistry TimerRegistry { get; }

    /// <inheritdoc/>
    public IServiceProvider ServiceProvider { get; }

    /// <inheritdoc/>
    public string SiloIdentity => "TestSilo";

    /// <inheritdoc/>
    public void DeactivateOnIdle(IGrainContext grainContext) => Mock.Object.DeactivateOnIdle(grainContext);

    /// <inheritdoc/>
    public void DelayDeactivation(IGrainContext grainContext, TimeSpan timeSpan) => Mock.Object.DelayDeactivation(grainContext, timeSpan);
}
