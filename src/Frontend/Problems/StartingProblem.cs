namespace Admission.Frontend.Problems;

/// <summary>A cluster that YARP forwards already, while it is not known yet whether it has a policy.</summary>
internal static class StartingProblem
{
    /// <summary>The answer until it is known.</summary>
    public static Problem Describe(string cluster) => new(
        StatusCodes.Status503ServiceUnavailable, "starting", "The backend has just been added",
        $"It is not known yet whether the backend '{cluster}' has a limit. Try again in a second.", cluster)
    { RetryAfter = 1 };
}
