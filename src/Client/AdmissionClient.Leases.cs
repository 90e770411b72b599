using Admission.Capacity;

namespace Admission.Client;

/// <content>Leases: permits that belong to nobody's process. Whoever has a lease's id renews and releases it, through any process of the cluster.</content>
public sealed partial class AdmissionClient
{
    /// <summary>For how long a call about leases asks a ledger that moves, or does not answer.</summary>
    private static readonly TimeSpan LeasePatience = TimeSpan.FromSeconds(5);

    /// <summary>Asks for permits, as <see cref="AcquireAsync"/> does, and makes a lease of them: it does not end with this process, but with its release, or when it was not renewed for its time-to-live.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="request">What is asked.</param>
    /// <param name="ttl">The time-to-live; 1 s to 1 h.</param>
    /// <param name="cancellation">Nobody wants it any more: the ticket is given up, or the lease given back.</param>
    /// <returns>The lease; or why there is none.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The time-to-live, the weight or the priority is not possible.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled before the answer.</exception>
    public async Task<LeaseAnswer> LeaseAsync(string backend, AdmissionRequest request, TimeSpan ttl, CancellationToken cancellation = default)
    {
        if (ttl < LeaseRules.ShortestTtl || ttl > LeaseRules.LongestTtl)
        {
            throw new ArgumentOutOfRangeException(nameof(ttl), $"A time-to-live of {ttl} is not possible: it is from {LeaseRules.ShortestTtl} to {LeaseRules.LongestTtl}.");
        }

        return _backends.TryGetValue(backend, out var holder) ? await holder.LeaseAsync(request, ttl, cancellation) : new LeaseAnswer(Unknown, request);
    }

    /// <summary>Renews leases: each has its whole time-to-live again, counted from this call.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="ids">Which; at most <see cref="LeaseRules.MostPerCall"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>How each stands, in the same order; null if the backend is not configured here.</returns>
    /// <exception cref="OrleansException">The ledger did not answer within 5 s.</exception>
    public Task<LeaseStatus[]?> RenewLeasesAsync(string backend, IReadOnlyCollection<LeaseId> ids, CancellationToken cancellation = default) =>
        AskOfLeasesAsync(backend, ids, static (grain, names) => grain.RenewLeasesAsync(names), cancellation);

    /// <summary>Gives leases back. Again does no harm.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="ids">Which; at most <see cref="LeaseRules.MostPerCall"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>How each stands, in the same order; null if the backend is not configured here.</returns>
    /// <exception cref="OrleansException">The ledger did not answer within 5 s.</exception>
    public Task<LeaseStatus[]?> ReleaseLeasesAsync(string backend, IReadOnlyCollection<LeaseId> ids, CancellationToken cancellation = default) =>
        AskOfLeasesAsync(backend, ids, static (grain, names) => grain.ReleaseLeasesAsync(names), cancellation);

    /// <summary>Says how leases stand, and changes nothing.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="ids">Which; at most <see cref="LeaseRules.MostPerCall"/>.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>How each stands, in the same order; null if the backend is not configured here.</returns>
    /// <exception cref="OrleansException">The ledger did not answer within 5 s.</exception>
    public Task<LeaseStatus[]?> LookAtLeasesAsync(string backend, IReadOnlyCollection<LeaseId> ids, CancellationToken cancellation = default) =>
        AskOfLeasesAsync(backend, ids, static async (grain, names) => (await grain.LeasesAsync(new LeaseQuery { Names = names })).Leases, cancellation);

    /// <summary>Lists the leases of a backend, without their ids.</summary>
    /// <param name="backend">The backend's id.</param>
    /// <param name="query">Which of them.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>A page of them, or null if the backend is not configured here.</returns>
    public async Task<LeasePage?> LeasesAsync(string backend, LeaseQuery query, CancellationToken cancellation = default) =>
        _backends.TryGetValue(backend, out var holder) ? await holder.Grain.LeasesAsync(query).WaitAsync(cancellation) : null;

    private async Task<LeaseStatus[]?> AskOfLeasesAsync(
        string backend, IReadOnlyCollection<LeaseId> ids, Func<ICapacityGrain, LeaseName[], Task<LeaseDescription[]>> ask, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(ids.Count, LeaseRules.MostPerCall, nameof(ids));
        return _backends.TryGetValue(backend, out var holder)
            ? await holder.AskOfLeasesAsync([.. ids.Select(id => id.Name)], ask, LeasePatience, cancellation)
            : null;
    }
}
