namespace Admission.Frontend.Scaling;

/// <summary>How many instances a backend needs for what is asked of it.</summary>
/// <remarks>
/// The demand is what is in use and what waits: what would be in use if there were places for all. It does not depend on how many instances there are, unlike utilisation, which is 100 % with one
/// waiting request and with a thousand; so an autoscaler that follows it arrives in one step. It is the rule of the HorizontalPodAutoscaler for an average value
/// (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details): <c>ceil(demand / (places of an instance x target))</c>.
/// Whoever acts on it waits before it goes down (the autoscaler's stabilization window), because requests come in no even flow.
/// </remarks>
internal static class ScaleSignal
{
    /// <summary>Which part of the places should be in use, in percent, where nobody says it.</summary>
    public const int DefaultTarget = 80;

    /// <summary>The instances that are wanted.</summary>
    /// <param name="demand">Permits in use, and requests that wait.</param>
    /// <param name="perReplica">Places of one instance; at least 1.</param>
    /// <param name="target">The part of them that should be in use, 1 to 100 percent.</param>
    /// <returns>0 without demand.</returns>
    public static int Desired(int demand, int perReplica, int target)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(perReplica, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(target, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(target, 100);
        var places = (long)perReplica * target;
        return (int)(((long)Math.Max(demand, 0) * 100 + places - 1) / places);
    }
}
