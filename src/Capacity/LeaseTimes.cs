namespace Admission.Capacity;

/// <summary>
/// The two-clock rule of leases. A holder counts from when it <em>sent</em> the report that was acknowledged and stops early;
/// the ledger counts from when it <em>received</em> that report and gives up late.
/// </summary>
/// <remarks>
/// With a time-to-live of 10 s the holder stops after 9 s and the ledger considers it lost after 11 s. Clocks whose rates differ by
/// up to 1 % stretch the holder's 9 s to at most 9.1 s, so a margin of nearly 2 s remains for the way from the check of the lease
/// to the backend. No two clocks are compared: each side measures a duration on its own monotonic clock.
/// Source: C. Gray and D. Cheriton, "Leases", SOSP 1989, with the drift allowance of section 5.
/// </remarks>
internal static class LeaseTimes
{
    /// <summary>How long a holder may use its permits after it sent the acknowledged report: 90 % of the time-to-live.</summary>
    public static TimeSpan AtHolder(TimeSpan ttl) => ttl * 0.9;

    /// <summary>How long the ledger waits after it received a report before it considers the holder lost: time-to-live and 10 % grace.</summary>
    public static TimeSpan AtLedger(TimeSpan ttl) => ttl * 1.1;

    /// <summary>A duration that another clock measured, as this one must wait for it: 2 % more.</summary>
    public static TimeSpan Elsewhere(TimeSpan duration) => duration * 1.02;

    /// <summary>How often a holder reports at least: a third of the time-to-live, so that two lost messages do not cost the lease.</summary>
    public static TimeSpan Heartbeat(TimeSpan ttl) => ttl / 3;
}
