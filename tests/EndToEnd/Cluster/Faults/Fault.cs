namespace Admission.EndToEnd.Cluster.Faults;

/// <summary>A fault that has been.</summary>
/// <param name="Plan">What was planned.</param>
/// <param name="Target">Whom it met.</param>
/// <param name="From">When it began.</param>
/// <param name="To">When it was healed: a process that was killed is ready again.</param>
/// <param name="Took">What the cluster itself needed, where that is measured: how long a process took to stop.</param>
internal sealed record Fault(FaultPlan Plan, string Target, long From, long To, TimeSpan? Took = null);
