using Admission.Capacity;

namespace Admission.Client;

/// <content>The exchange loop.</content>
internal sealed partial class BackendHolder
{
    private async Task RunAsync()
    {
        while (!_stopped.IsCancellationRequested && !_pool.HasLeft)
        {
            try
            {
                await StepAsync();
            }
            catch (Exception exception)
            {
                // A bug, but one that must not cost the lease of everything in flight.
                LogLoopFailed(exception, _backend);
                await BackOffAsync();
            }
        }

        _delivery?.Answer(NotDelivered);
    }

    /// <summary>Delivers a changed policy, exchanges if there is something to say, or waits until there is.</summary>
    private async Task StepAsync()
    {
        Carry(_pool.Tick());
        SetAlarm();

        // A policy that cannot be delivered must not keep the lease from being renewed.
        var delivered = _delivery is not { } delivery || await DeliverAsync(delivery);
        var report = _pool.BeginExchange();
        var exchanged = report is null || await ExchangeAsync(report);
        if (!delivered || !exchanged)
        {
            await BackOffAsync();
        }
        else if (report is null)
        {
            SetAlarm();
            await _signal.WaitAsync();
        }
        else
        {
            _retry = TimeSpan.Zero;
        }
    }

    /// <summary>Exchanges once; false if it is better to wait a little before the next.</summary>
    private async Task<bool> ExchangeAsync(HolderReport report)
    {
        SetAlarm();
        var reply = await CallAsync(() => _grain.ExchangeAsync(report, _observer));
        Carry(_pool.EndExchange(reply));
        if (reply?.Status == LedgerStatus.NoPolicy)
        {
            Interlocked.CompareExchange(ref _delivery, new PolicyDelivery(_policy), null);
            return true;
        }

        var isOfOldLedger = reply is not null && reply.Epoch < report.Epoch;
        return !isOfOldLedger && reply?.Status is not (null or LedgerStatus.NoAuthority or LedgerStatus.Registering or LedgerStatus.TooManyHolders);
    }

    private async Task<bool> DeliverAsync(PolicyDelivery delivery)
    {
        var answer = await CallAsync(() => _grain.ApplyPolicyAsync(delivery.Policy));
        delivery.Answer(answer ?? NotDelivered);
        if (answer is null)
        {
            return false;
        }

        if (answer.Errors.Length > 0)
        {
            LogPolicyRefused(_backend, string.Join(" ", answer.Errors));
        }

        // A newer policy may have come meanwhile; then that one is delivered next.
        _ = Interlocked.CompareExchange(ref _delivery, null, delivery);
        return true;
    }

    /// <summary>Calls the ledger. Whatever goes wrong is retried, because every call is idempotent; it is logged when it begins and when it ends.</summary>
    private async Task<T?> CallAsync<T>(Func<Task<T>> call)
        where T : class
    {
        try
        {
            var answer = await call();
            if (!_reachable)
            {
                _reachable = true;
                LogLedgerReachable(_backend);
            }

            return answer;
        }
        catch (Exception exception)
        {
            if (_reachable)
            {
                _reachable = false;
                LogLedgerUnreachable(exception, _backend);
            }

            return null;
        }
    }

    private async Task BackOffAsync()
    {
        _retry = _retry == TimeSpan.Zero ? _options.ShortestRetry : _retry * 2;
        if (_retry > _options.LongestRetry)
        {
            _retry = _options.LongestRetry;
        }

        try
        {
            await Task.Delay(_retry, _time, _stopped.Token);
        }
        catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
        {
            // The loop ends.
        }
    }
}
