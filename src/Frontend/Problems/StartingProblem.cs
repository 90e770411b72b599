namespace Admission.Frontend.Problems;

/// <summary>A cluster that YARP forwards already, while it is not known yet whether it has a policy.</summary>
internal static class StartingProblem
{
    /// <summary>The answer until it is known.</summary>
    /// <param name="cluster">YARP's cluster.</param>
    /// <param name="waiting">What the gateway waits for; null if it is only this cluster that is new.</param>
    public static Problem Describe(string cluster, string? waiting) => waiting is null
        ? Describe("The backend has just been added", $"It is not known yet whether the backend '{cluster}' has a limit. Try again in a second.", cluster)
        : Describe("The gateway is starting", $"No request is let in yet: {waiting}. Try again in a second.", cluster);

    private static Problem Describe(string title, string detail, string cluster) =>
        new(StatusCodes.Status503ServiceUnavailable, "starting", title, detail, cluster) { RetryAfter = 1 };
}
