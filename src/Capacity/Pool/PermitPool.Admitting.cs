using System.Runtime.CompilerServices;

namespace Admission.Capacity;

/// <content>How a permit gets into use, and what is counted when it comes back.</content>
public sealed partial class PermitPool
{
    private bool TryAdmit(in AdmissionRequest request, long now, out PoolResult result, WaitingRequest? waiter = null)
    {
        if (now < _life.LeaseEnd && (!_contended || _detached) && _waiters.Count == 0 && !_leaving && !IsCapped(request)
            && _permits.TryUse(request.Weight) is { } destination)
        {
            Unsafe.SkipInit(out result);
            Admit(destination, request.Weight, request.Tenant, now, waiter, ref result);
            return true;
        }

        Unsafe.SkipInit(out result);
        return false;
    }

    private PoolResult Admitted(PoolDestination destination, int weight, string? tenant, long now, WaitingRequest? waiter)
    {
        PoolResult result = default;
        Admit(destination, weight, tenant, now, waiter, ref result);
        return result;
    }

    private void Admit(PoolDestination destination, int weight, string? tenant, long now, WaitingRequest? waiter, ref PoolResult result)
    {
        _lastUse = now;
        var (sampledFrom, waited) = (MonotonicClock.Never, PoolPermits.NotWatched);

        // Of those that waited all are counted who leave, so all must be watched who do not.
        if (waiter is not null || _lastSample == MonotonicClock.Never || now - _lastSample >= _sampleTicks)
        {
            _lastSample = now;
            _admittedAfterWait += waiter is null ? 0 : 1;
            sampledFrom = _measuringTime.GetTimestamp();
            waited = !_policy.LearnsPatience || waiter is { Request.IsHeld: true } ? PoolPermits.NotWatched : waiter is null ? 0 : Math.Max(0, sampledFrom - waiter.Since);
        }

        _demand.Observe(_permits.InUse + WaiterCount);
        var (slot, generation) = _permits.Take(destination, weight, sampledFrom, waited);
        if (waited >= 0)
        {
            _permits.SetTenant(slot, tenant);
        }

        if (destination.IdleTrial != 0)
        {
            BeginIdleTrial(destination, slot);
        }

        result.Admit(_life, slot, generation, destination.Index, waited >= 0);
    }

    /// <summary>Counts what a released permit was used for. Only the time of what was served is measured; that the client has its answer counts for every sample.</summary>
    private void Measure(int slot, long sampledFrom, TimeSpan inside, long waited, int weight, RunOutcome outcome)
    {
        if (outcome != RunOutcome.Served)
        {
            _spread = _spread.WithEnded(outcome, weight);
        }
        else if (sampledFrom != MonotonicClock.Never)
        {
            _sampled += weight;
            _sampledTime += inside * weight;
            _spread = _spread.WithSample(inside, weight);
        }

        if (sampledFrom != MonotonicClock.Never)
        {
            NoteReleased(slot, waited, inside);
        }
    }
}
