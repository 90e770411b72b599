using Microsoft.Extensions.Logging;
using Orleans.Fallback.Messages;
using Orleans.Runtime;
using Orleans.Timers;

namespace Orleans.Fallback.Engine;

/// <summary>A timer whose callback is work of its activation. The next tick is counted from the end of a callback.</summary>
internal abstract partial class GrainTimer : IGrainTimer
{
    private readonly Lock _gate = new();
    private readonly Activation _activation;
    private readonly GrainTimerCreationOptions _options;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _disposal = new();
    private readonly ITimer _timer;

    private TimeSpan _period;
    private bool _ticking;
    private TimeSpan? _dueAfterCallback;
    private long _changedAt;
    private bool _disposed;

    protected GrainTimer(Activation activation, GrainTimerCreationOptions options, ILogger log)
    {
        Check(options.DueTime, nameof(options.DueTime));
        Check(options.Period, nameof(options.Period));
        _activation = activation;
        _options = options;
        _log = log;
        _period = options.Period;
        using (ExecutionContext.IsFlowSuppressed() ? default(IDisposable) : ExecutionContext.SuppressFlow())
        {
            _timer = activation.Time.CreateTimer(
                static self => ((GrainTimer)self!).Tick(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        activation.Add(this);
        _ = _timer.Change(options.DueTime, Timeout.InfiniteTimeSpan);
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        Check(dueTime, nameof(dueTime));
        Check(period, nameof(period));
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _period = period;
            if (_ticking)
            {
                // Counted from now also when the callback ends later.
                _dueAfterCallback = dueTime;
                _changedAt = _activation.Time.GetTimestamp();
            }
            else
            {
                _ = _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        _disposal.Cancel();
        _timer.Dispose();
        _activation.Remove(this);
    }

    protected abstract Task InvokeAsync(CancellationToken cancellationToken);

    private static void Check(TimeSpan time, string name)
    {
        if (time < TimeSpan.Zero && time != Timeout.InfiniteTimeSpan)
        {
            throw new ArgumentOutOfRangeException(name, time, "Must be zero or more, or Timeout.InfiniteTimeSpan.");
        }
    }

    private void Tick()
    {
        lock (_gate)
        {
            if (_disposed || _ticking)
            {
                return;
            }

            _ticking = true;
        }

        _ = _activation.TryEnqueue(new TickWork(this));
    }

    private async Task RunAsync()
    {
        try
        {
            if (!_disposal.IsCancellationRequested)
            {
                await InvokeAsync(_disposal.Token);
            }
        }
        catch (Exception exception)
        {
            LogFailed(exception, _activation.GrainId);
        }

        lock (_gate)
        {
            _ticking = false;
            if (!_disposed)
            {
                _ = _timer.Change(NextDue(), Timeout.InfiniteTimeSpan);
            }
        }
    }

    private TimeSpan NextDue()
    {
        if (_dueAfterCallback is not { } due)
        {
            return _period;
        }

        _dueAfterCallback = null;
        var passed = _activation.Time.GetElapsedTime(_changedAt);
        return due == Timeout.InfiniteTimeSpan ? due : due > passed ? due - passed : TimeSpan.Zero;
    }

    [LoggerMessage(9131, LogLevel.Error, "A timer's callback failed in {Grain}")]
    private partial void LogFailed(Exception exception, GrainId grain);

    private sealed class TickWork(GrainTimer timer) : Work
    {
        public override bool Interleaves => timer._options.Interleave;

        public override bool KeepsAlive => timer._options.KeepAlive;

        public override Task RunAsync(Activation activation) => timer.RunAsync();

        public override void Forward(IRequestRouter router)
        {
            // The timer ends with its activation.
        }

        public override void Refuse(Exception exception)
        {
            // The timer ends with its activation.
        }
    }
}

/// <inheritdoc/>
internal sealed class GrainTimer<TState>(
    Activation activation, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options, ILogger log)
    : GrainTimer(activation, options, log)
{
    protected override Task InvokeAsync(CancellationToken cancellationToken) => callback(state, cancellationToken);
}

/// <inheritdoc/>
internal sealed class TimerRegistry(ILogger<TimerRegistry> log) : ITimerRegistry
{
    public IGrainTimer RegisterGrainTimer<TState>(
        IGrainContext grainContext, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options) =>
        new GrainTimer<TState>((Activation)grainContext, callback, state, options, log);
}
