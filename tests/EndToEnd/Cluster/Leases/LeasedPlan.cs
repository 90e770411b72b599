namespace Admission.EndToEnd.Cluster.Leases;

/// <summary>A backend that nothing is sent to: programs hold leases of it.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Limit">Its limit.</param>
/// <param name="Ttl">The time-to-live of its leases.</param>
internal sealed record LeasedPlan(string Id, int Limit, TimeSpan Ttl)
{
    /// <summary>Sessions at a database: more threads want one than there may be.</summary>
    public static readonly LeasedPlan Sessions = new("sessions", 6, TimeSpan.FromSeconds(10));

    /// <summary>The right to write, which one holder has at a time.</summary>
    public static readonly LeasedPlan Writer = new("writer", 1, TimeSpan.FromSeconds(6));

    /// <summary>Both.</summary>
    public static readonly IReadOnlyList<LeasedPlan> All = [Sessions, Writer];

    /// <summary>For how long a lease may be used after a renewal was sent.</summary>
    public TimeSpan AtHolder => Ttl * 0.9;

    /// <summary>The soonest at which the ledger takes it back after a renewal was sent.</summary>
    public TimeSpan AtLedger => Ttl * 1.1;
}
