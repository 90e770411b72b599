using Admission.Jobs.Storage;
using Microsoft.Extensions.Logging;

namespace Admission.Jobs.Running;

/// <summary>Has the store do what time asks for, every few seconds, and when a job of this gateway is due.</summary>
internal sealed partial class JobTender : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    // The store's clock is in milliseconds, and may be a little behind.
    private static readonly TimeSpan Later = TimeSpan.FromMilliseconds(5);

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _now = new(0);
    private readonly IJobStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private long _at = long.MaxValue;

    /// <summary>Creates it.</summary>
    public JobTender(IJobStore store, TimeProvider time, ILogger<JobTender> logger)
    {
        _store = store;
        _time = time;
        _logger = logger;
        _timer = time.CreateTimer(static tender => ((JobTender)tender!)._now.Release(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Something is due then.</summary>
    public void Within(TimeSpan wait)
    {
        var soon = (wait < Longest ? wait : Longest) + Later;
        var at = _time.GetTimestamp() + (long)(soon.TotalSeconds * _time.TimestampFrequency);
        lock (_gate)
        {
            if (at < _at)
            {
                _at = at;
                _timer.Change(soon, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Tends until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                Within(Longest);
                await _now.WaitAsync(cancellation);
                lock (_gate)
                {
                    _at = long.MaxValue;
                }

                await TendAsync(cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The gateway stops.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _timer.Dispose();
        _now.Dispose();
    }

    private async Task TendAsync(CancellationToken cancellation)
    {
        try
        {
            await _store.TendAsync(cancellation);
        }
        catch (Exception failed) when (JobStoreFailure.Is(failed))
        {
            LogFailed(failed.Message);
        }
        catch (Exception unexpected) when (!cancellation.IsCancellationRequested)
        {
            // A bug. The next round may do.
            LogUnexpected(unexpected);
        }
    }

    [LoggerMessage(4229, LogLevel.Error, "Delayed and expired jobs could not be looked for, in a way that the gateway does not know; it goes on.")]
    private partial void LogUnexpected(Exception exception);

    [LoggerMessage(4230, LogLevel.Warning, "Delayed and expired jobs could not be looked for: {Problem}")]
    private partial void LogFailed(string problem);
}
