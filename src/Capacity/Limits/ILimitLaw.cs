namespace Admission.Capacity;

/// <summary>
/// How a limit follows from what was measured: the one thing in which Gradient2, AIMD and Vegas differ. <see cref="LimitFinder"/> measures, keeps the
/// bounds, and never asks for more while the limit is not used.
/// </summary>
internal interface ILimitLaw
{
    /// <summary>The limit for the next window, before it is rounded and held to the bounds.</summary>
    /// <param name="window">What was measured.</param>
    /// <param name="growth">The next step up, and what is told of the last one.</param>
    double Next(in LimitWindow window, GrowthStep growth);
}
