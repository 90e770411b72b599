using Admission.Capacity;

namespace Admission.Client;

/// <content>Policies that are decided but not enforced.</content>
public sealed partial class AdmissionClient
{
    /// <summary>A shadow holds nothing that counts, so nobody waits longer for its permits to go back.</summary>
    private static readonly TimeSpan LongestLeave = TimeSpan.FromSeconds(1);

    private readonly Lock _shadowGate = new();

    /// <summary>
    /// Decides a policy in shadow, beside the one that is enforced or beside none: requests that are shown to <see cref="ShadowOf"/> are counted by what it would have done to them. Another
    /// policy begins to count anew. If the ledger cannot be reached, the policy is delivered as soon as it can.
    /// </summary>
    /// <param name="backend">The backend's id; letter case does not matter.</param>
    /// <param name="policy">The whole policy. A limit that finds itself is decided as a fixed one, at its most: no limit can be found where none is enforced.</param>
    /// <param name="cancellation">Ends the wait for the ledger's answer; the delivery goes on.</param>
    /// <returns>The version in force (0 if the ledger could not be reached yet), or every reason why the policy is refused.</returns>
    public async Task<PolicyAnswer> ConfigureShadowAsync(string backend, BackendPolicy policy, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(backend);
        ArgumentNullException.ThrowIfNull(policy);
        var errors = BackendPolicyRules.Validate(policy);
        if (errors.Count > 0)
        {
            return new PolicyAnswer(0, [.. errors]);
        }

        policy = policy with { Adaptive = null };
        BackendHolder holder;
        lock (_shadowGate)
        {
            holder = HolderOf(CapacityGrainKey.ShadowOf(backend), policy);
            if (holder.Shadow is { } shadow)
            {
                shadow.Change(policy);
            }
            else
            {
                holder.Shadow = new ShadowBackend(holder, policy, _time);
            }
        }

        return await holder.ApplyPolicyAsync(policy).WaitAsync(cancellation);
    }

    /// <summary>The policy of a backend that is decided in shadow, to be asked with every request; null if there is none.</summary>
    /// <param name="backend">The backend's id.</param>
    public ShadowBackend? ShadowOf(string backend) => _backends.TryGetValue(CapacityGrainKey.ShadowOf(backend), out var holder) ? holder.Shadow : null;

    /// <summary>Ends a policy in shadow. What it has counted is gone.</summary>
    /// <param name="backend">The backend's id.</param>
    public void RemoveShadow(string backend)
    {
        lock (_shadowGate)
        {
            ShadowOf(backend)?.Stop();
            Remove(CapacityGrainKey.ShadowOf(backend));
        }
    }

    /// <summary>Asks the shadow ledger how the backend would stand, and what all holders have counted.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The description, or null if no policy of the backend is decided in shadow here.</returns>
    public Task<BackendDescription?> DescribeShadowAsync(string backend, CancellationToken cancellation = default) =>
        DescribeAsync(CapacityGrainKey.ShadowOf(backend), cancellation);

    private void StopShadows()
    {
        foreach (var holder in _backends.Values)
        {
            holder.Shadow?.Stop();
        }
    }

    private async Task LeaveShadowsAsync(CancellationToken cancellation)
    {
        StopShadows();
        using var longest = new CancellationTokenSource(LongestLeave, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, cancellation);
        await Task.WhenAll(_backends.Values.Concat(_leaving.Keys).Where(holder => holder.Shadow is not null).Select(holder => holder.LeaveAsync(either.Token)));
    }
}
