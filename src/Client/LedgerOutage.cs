using Admission.Capacity;
using Microsoft.Extensions.Logging;

namespace Admission.Client;

/// <summary>
/// Tells the log of a ledger that does not answer, or cannot grant: once when it begins, once when the lease has run out meanwhile, and once when it is over.
/// </summary>
internal sealed partial class LedgerOutage(string backend, PermitPool pool, TimeProvider time, ILogger logger)
{
    // An exchange ends on the loop, and the alarm looks from its timer.
    private readonly Lock _gate = new();
    private long _began;
    private long _lastAnswer = time.GetTimestamp();
    private bool _isOn;
    private bool _hadLease;

    /// <summary>An exchange has ended; the pool has taken its answer in.</summary>
    /// <param name="reply">The answer, or null.</param>
    /// <param name="failure">Why there is none.</param>
    public void Exchanged(LedgerMessage? reply, Exception? failure)
    {
        var state = pool.State;
        lock (_gate)
        {
            if (reply is not null and not { Status: LedgerStatus.NoAuthority or LedgerStatus.Registering })
            {
                End(state);
            }
            else if (!_isOn)
            {
                _isOn = true;
                _began = time.GetTimestamp();
                _hadLease = state.HasLease;
                if (reply is null)
                {
                    LogUnreachable(failure, backend, state.Held, state.LeaseLeft.TotalSeconds);
                }
                else
                {
                    LogWithoutAuthority(backend, state.Held, state.LeaseLeft.TotalSeconds);
                }
            }
        }
    }

    /// <summary>Time has passed: says so if the lease has run out.</summary>
    public void Look()
    {
        lock (_gate)
        {
            if (_isOn && _hadLease && pool.State is { HasLease: false })
            {
                _hadLease = false;
                LogLeaseRanOut(backend, time.GetElapsedTime(_lastAnswer).TotalSeconds);
            }
        }
    }

    private void End(in PoolState state)
    {
        _lastAnswer = time.GetTimestamp();
        if (_isOn)
        {
            _isOn = false;
            LogReachable(backend, time.GetElapsedTime(_began).TotalSeconds, state.Held);
        }
    }

    [LoggerMessage(1000, LogLevel.Warning, "The ledger of backend '{Backend}' cannot be reached. Requests are admitted from the {Held} permits held here while their lease lasts, {LeaseLeft:F1} s.")]
    private partial void LogUnreachable(Exception? exception, string backend, int held, double leaseLeft);

    [LoggerMessage(1001, LogLevel.Information, "The ledger of backend '{Backend}' answers again, after {Seconds:F1} s. {Held} permits are held here.")]
    private partial void LogReachable(string backend, double seconds, int held);

    [LoggerMessage(1008, LogLevel.Warning, "The lease on permits of backend '{Backend}' has run out, {Seconds:F1} s after its ledger answered last. Requests are refused until it answers.")]
    private partial void LogLeaseRanOut(string backend, double seconds);

    [LoggerMessage(1009, LogLevel.Warning, "The ledger of backend '{Backend}' may not grant at present: its silo cannot reach storage. Requests are admitted from the {Held} permits held here while their lease lasts, {LeaseLeft:F1} s.")]
    private partial void LogWithoutAuthority(string backend, int held, double leaseLeft);
}
