using Admission.Capacity;

namespace Admission.Client;

/// <content>What a policy needs that is decided in shadow.</content>
internal sealed partial class BackendHolder : IShadowPool
{
    private volatile ShadowBackend? _shadow;

    /// <summary>Whose permits these are, where they are those of a policy in shadow; its totals go along with the reports.</summary>
    public ShadowBackend? Shadow
    {
        get => _shadow;
        set => _shadow = value;
    }

    public PoolResult Ask(in AdmissionRequest request, WaitingRequest waiter)
    {
        if (_pool.TryAcquire(request, out var result))
        {
            return result;
        }

        result = _pool.Acquire(request, waiter, out var effects);
        Carry(effects);
        if (result.Answer == PoolAnswer.Waiting)
        {
            SetAlarm();
        }

        return result;
    }

    // As long as the ledger has not said which version the policy is, nobody could say what the totals are of.
    private HolderReport WithShadow(HolderReport report) =>
        _policyVersion > 0 && _shadow?.TakeReport() is { } totals ? report with { Shadow = totals with { PolicyVersion = _policyVersion } } : report;
}
