namespace Admission.Capacity.Tests;

/// <summary>A lease that keeps its outcome.</summary>
internal sealed class LeaseRequest(string key, TimeSpan ttl, string? tenant = null) : PendingLease(key, ttl, tenant, Priorities.Normal)
{
    public LeaseOutcome? Outcome { get; private set; }

    public LeaseState State => Outcome?.State ?? LeaseState.None;

    public override void Decided(in LeaseOutcome outcome)
    {
        Outcome.ShouldBeNull("a lease is decided once");
        Outcome = outcome;
    }
}
