using Orleans.Runtime;
using Orleans.Timers;

namespace Orleans.TestKit.Timers;

/// <summary>The timers of a grain under test. They tick when the test says so.</summary>
public sealed class TestTimerRegistry : ITimerRegistry
{
    private readonly List<TestTimer> _timers = [];

    /// <summary>How many timers are not disposed of.</summary>
    public int NumberOfActiveTimers => _timers.Count(timer => !timer.IsDisposed);

    /// <inheritdoc/>
    public IGrainTimer RegisterGrainTimer<TState>(
        IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    {
        ArgumentNullException.ThrowIfNull(grainContext);
        var timer = new TestGrainTimer(token => callback(state, token));
        _timers.Add(timer);
        return timer;
    }

    /// <summary>Calls every timer's callback once.</summary>
    public async Task FireAllAsync()
    {
        foreach (var timer in _timers.ToArray())
        {
            await timer.FireAsync();
        }
    }

    /// <summary>Calls one timer's callback once.</summary>
    public Task FireAsync(int index) => _timers[index].FireAsync();
}

/// <summary>A timer that ticks when the test says so.</summary>
public class TestTimer : IDisposable
{
    private readonly CancellationTokenSource _disposal = new();
    private readonly Func<CancellationToken, Task> _callback;

    internal TestTimer(Func<CancellationToken, Task> callback) => _callback = callback;

    /// <summary>Whether the grain disposed of it.</summary>
    public bool IsDisposed { get; private set; }

    /// <summary>Calls the callback.</summary>
    /// <exception cref="ObjectDisposedException">The grain disposed of the timer.</exception>
    public Task FireAsync()
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        return _callback(_disposal.Token);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Cancels the callback's token.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && !IsDisposed)
        {
            IsDisposed = true;
            _disposal.Cancel();
            _disposal.Dispose();
        }
    }
}

/// <inheritdoc/>
public sealed class TestGrainTimer : TestTimer, IGrainTimer
{
    internal TestGrainTimer(Func<CancellationToken, Task> callback)
        : base(callback)
    {
    }

    /// <summary>Not supported, as in OrleansTestKit: a grain that changes its timers gets an <see cref="ITimerRegistry"/> of the test's.</summary>
    public void Change(TimeSpan dueTime, TimeSpan period) => throw new NotSupportedException("OrleansTestKit does not support this.");
}
