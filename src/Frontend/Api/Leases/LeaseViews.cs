using System.Text.Json.Nodes;
using Admission.Capacity;
using Admission.Client;

namespace Admission.Frontend.Api.Leases;

/// <summary>A lease's number: of two leases of a backend the later one has the higher number.</summary>
/// <param name="Epoch">The epoch of the ledger that granted it.</param>
/// <param name="Number">Grows from lease to lease, over epochs too.</param>
internal sealed record FencingView(long Epoch, long Number)
{
    public static FencingView Of(FencingToken token) => new(token.Epoch, token.Number);
}

/// <summary>A lease, as the one who has its id sees it. Durations are in seconds.</summary>
/// <param name="Id">Its id: a secret of who has it.</param>
/// <param name="Backend">The backend.</param>
/// <param name="Ttl">Its time-to-live: so long it lasts after each renewal.</param>
/// <param name="ExpiresIn">For how long it may be used unless it is renewed. Count from when the request was sent that this answers; for the lease itself, from then and what it has <paramref name="Waited"/>.</param>
/// <param name="Weight">Its permits.</param>
/// <param name="Destination">Where it may be used; null where the policy names no destinations.</param>
/// <param name="Priority">The priority that it was asked for with.</param>
/// <param name="Tenant">Its tenant, or null.</param>
/// <param name="Fencing">Its number.</param>
/// <param name="Waited">How long it waited: for its permits, and for the ledger to store it; only in the answer to the request for it.</param>
internal sealed record LeaseView(
    string Id, string Backend, double Ttl, double ExpiresIn, int Weight, string? Destination, int Priority, string? Tenant, FencingView Fencing, double? Waited = null)
{
    public static LeaseView Of(string backend, LeaseAnswer answer, in WantedLease wanted) => new(
        answer.Id.ToString(), backend, wanted.Ttl.TotalSeconds, answer.Left.TotalSeconds, wanted.Request.Weight, NullIfEmpty(answer.Destination), wanted.Request.Priority, wanted.Request.Tenant,
        FencingView.Of(answer.Fencing), answer.Waited.TotalSeconds);

    public static LeaseView Of(string backend, LeaseId id, in LeaseStatus status) => new(
        id.ToString(), backend, status.Lease.Ttl.TotalSeconds, status.Left.TotalSeconds, status.Lease.Permits, NullIfEmpty(status.Lease.Destination), status.Lease.Priority, status.Lease.Tenant,
        FencingView.Of(status.Lease.Fencing));

    internal static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}

/// <summary>What has become of several requests for leases, in their order.</summary>
internal sealed record LeaseResultsView(string Backend, IReadOnlyList<LeaseResultView> Results);

/// <summary>What has become of one of them.</summary>
/// <param name="Status">What the answer would have been to it alone.</param>
/// <param name="Id">The lease, where it was named.</param>
/// <param name="Lease">The lease, if it is held.</param>
/// <param name="Problem">Why not, or why no longer: a problem as in an answer of its own; else null.</param>
internal sealed record LeaseResultView(int Status, string? Id, LeaseView? Lease, JsonNode? Problem);

/// <summary>The leases of a backend, the oldest first.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Total">All that are held.</param>
/// <param name="Leases">This page of them.</param>
/// <param name="Next">The address of the next page; null after the last.</param>
internal sealed record LeasesView(string Backend, int Total, IReadOnlyList<HeldLeaseView> Leases, string? Next)
{
    public static LeasesView Of(string backend, LeasePage page, int count) => new(
        backend, page.Total, [.. page.Leases.Select(each => HeldLeaseView.Of(each))],
        page.Leases.Length == count
            ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"/admission/v1/backends/{Uri.EscapeDataString(backend)}/leases?after={page.Leases[^1].Fencing.Number}&limit={count}")
            : null);
}

/// <summary>A lease, as others see it: without its id. Durations are in seconds.</summary>
/// <param name="Fencing">Its number.</param>
/// <param name="Weight">Its permits.</param>
/// <param name="Destination">Where it is used; null where the policy names no destinations.</param>
/// <param name="Ttl">Its time-to-live.</param>
/// <param name="ExpiresIn">For how long its holder may use it unless it is renewed; 0 in the grace after that.</param>
/// <param name="Age">How long its ledger has known it.</param>
/// <param name="Priority">The priority that it was asked for with.</param>
/// <param name="Tenant">Its tenant, or null.</param>
internal sealed record HeldLeaseView(FencingView Fencing, int Weight, string? Destination, double Ttl, double ExpiresIn, double Age, int Priority, string? Tenant)
{
    public static HeldLeaseView Of(LeaseDescription lease) => new(
        FencingView.Of(lease.Fencing), lease.Permits, LeaseView.NullIfEmpty(lease.Destination), lease.Ttl.TotalSeconds, lease.Left.TotalSeconds, lease.Age.TotalSeconds, lease.Priority, lease.Tenant);
}
