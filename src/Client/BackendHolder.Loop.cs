using Admission.Capacity;

namespace Admission.Client;

/// <content>The exchange loop.</content>
internal sealed partial class BackendHolder
{
    private bool _deliveryFailed;

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
        _outage.Look();
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
        LedgerMessage? reply = null;
        Exception? failure = null;
        var began = _metrics.MeasuresExchanges ? _time.GetTimestamp() : 0;
        try
        {
            reply = await _grain.ExchangeAsync(WithShadow(report), _observer);
        }
        catch (Exception exception)
        {
            // Whatever it is, it is asked again: exchanges are idempotent.
            failure = exception;
        }

        if (began != 0)
        {
            _metrics.Exchanged(_backend, reply is not null, _time.GetElapsedTime(began));
        }

        if (reply is null or { Sequence: 0 })
        {
            _shadow?.ReportLost();
        }

        Carry(_pool.EndExchange(reply));
        _outage.Exchanged(reply, failure);
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
        PolicyAnswer answer;
        try
        {
            answer = await _grain.ApplyPolicyAsync(delivery.Policy);
        }
        catch (Exception exception)
        {
            // As with an exchange.
            delivery.Answer(NotDelivered);
            if (!_deliveryFailed)
            {
                _deliveryFailed = true;
                LogPolicyNotDelivered(_backend, exception.Message);
            }

            return false;
        }

        _deliveryFailed = false;
        _policyVersion = answer.Errors.Length == 0 && ReferenceEquals(delivery.Policy, _policy) ? answer.Version : 0;
        delivery.Answer(answer);
        if (answer.Errors.Length > 0)
        {
            LogPolicyRefused(_backend, string.Join(" ", answer.Errors));
        }

        // A newer policy may have come meanwhile; then that one is delivered next.
        _ = Interlocked.CompareExchange(ref _delivery, null, delivery);
        return true;
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
