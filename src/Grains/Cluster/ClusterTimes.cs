namespace Admission.Grains.Cluster;

/// <summary>What the times of a cluster must be to each other. docs/operations.md tells why, and what each failure costs.</summary>
internal static class ClusterTimes
{
    /// <summary>A call to a ledger waits so long for its answer: <c>[ResponseTimeout]</c> of <see cref="Capacity.ICapacityGrain"/>.</summary>
    public static readonly TimeSpan Call = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The shortest lease that one lost call does not cost. A holder reports each third of the time-to-live and may use its permits for 90 % of it after a
    /// report was sent, so a call that is lost (2 s) and the next one (at once after 50 ms, and a fast answer) must fit into the 57 % between: 4 s.
    /// </summary>
    public static readonly TimeSpan LeastLeaseTtl = TimeSpan.FromSeconds(4);

    /// <summary>How long it takes until a silo that hangs is suspected.</summary>
    public static TimeSpan Detection(ClusterSettings settings) => settings.ProbeTimeout * settings.MissedProbes;

    /// <summary>
    /// How long a renewal may take until it counts as failed: half of AuthorityRenewal, but 100 ms to 2 s, so that two in a row may fail within the three
    /// renewals that AuthorityTtl is at least.
    /// </summary>
    public static TimeSpan Statement(ClusterSettings settings) =>
        TimeSpan.FromTicks(Math.Clamp(settings.AuthorityRenewal.Ticks / 2, TimeSpan.TicksPerSecond / 10, 2 * TimeSpan.TicksPerSecond));

    /// <summary>Reports what does not fit together.</summary>
    public static void Check(ClusterSettings settings, Action<string, string> error)
    {
        // Two renewals in a row may fail.
        var least = 3 * settings.AuthorityRenewal;
        if (settings.AuthorityTtl < least)
        {
            error("AuthorityTtl", $"{settings.AuthorityTtl:c} is less than three times AuthorityRenewal, {least:c}: a lost renewal would stop all grants. Raise the one or lower the other.");
        }

        // A pause that the other silos forgive must not cost the authority.
        var detection = Detection(settings);
        if (settings.AuthorityTtl < detection + settings.AuthorityRenewal)
        {
            error("AuthorityTtl", $"{settings.AuthorityTtl:c} is less than ProbeTimeout times MissedProbes and one AuthorityRenewal, {detection + settings.AuthorityRenewal:c}: a silo would lose its authority before it is suspected. Raise it.");
        }

        if (settings.IAmAlive < settings.ProbeTimeout)
        {
            error("IAmAlive", $"{settings.IAmAlive:c} is less than ProbeTimeout, {settings.ProbeTimeout:c}. Probes find a silo that is gone; raise it.");
        }
    }

    /// <summary>What is wrong with a policy's lease in a cluster; null if nothing is.</summary>
    public static string? CheckLease(TimeSpan leaseTtl) => leaseTtl >= LeastLeaseTtl ? null
        : $"{leaseTtl:c} is too short for a cluster: one lost call to the ledger ({Call:c}) would cost the lease. Give at least {LeastLeaseTtl:c}.";
}
