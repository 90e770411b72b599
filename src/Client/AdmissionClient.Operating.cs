using Admission.Capacity;

namespace Admission.Client;

/// <content>What operators see and change of a backend.</content>
public sealed partial class AdmissionClient
{
    /// <summary>Puts an operator's adjustment of a backend's policy in force in place of the former one, durably.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="request">The adjustment, and the version of the policy that it is meant for.</param>
    /// <param name="cancellation">Ends the wait; whether anything was changed is not known then.</param>
    /// <returns>What has become of it, or null if the backend is not configured here.</returns>
    public async Task<AdjustmentAnswer?> AdjustPolicyAsync(string backend, AdjustmentRequest request, CancellationToken cancellation = default) =>
        _backends.TryGetValue(backend, out var holder) ? await holder.Grain.AdjustPolicyAsync(request).WaitAsync(cancellation) : null;

    /// <summary>Asks the ledger for a backend's policy, what an operator has changed of it, and its last changes.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The description, or null if the backend is not configured here.</returns>
    public async Task<PolicyDescription?> DescribePolicyAsync(string backend, CancellationToken cancellation = default) =>
        _backends.TryGetValue(backend, out var holder) ? await holder.Grain.DescribePolicyAsync().WaitAsync(cancellation) : null;

    /// <summary>Asks the ledger who waits.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="query">Which tickets.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>A page of them, or null if the backend is not configured here.</returns>
    public async Task<WaitingPage?> WaitingAsync(string backend, WaitingQuery query, CancellationToken cancellation = default) =>
        _backends.TryGetValue(backend, out var holder) ? await holder.Grain.WaitingAsync(query).WaitAsync(cancellation) : null;

    /// <summary>Says what one more request to a backend would meet, as far as this process knows. Asks nobody.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <returns>The estimate, or null if the backend is not configured here.</returns>
    public PoolReadiness? ReadinessOf(string backend) => _backends.TryGetValue(backend, out var holder) ? holder.Readiness : null;
}
