namespace Admission.Capacity.Tests;

/// <summary>Whether tests are to take their time: CI has 15 minutes for all of them, <c>ADMISSION_SOAK=1h</c> has more.</summary>
internal static class Soak
{
    public static bool IsOn { get; } = Environment.GetEnvironmentVariable("ADMISSION_SOAK") is { Length: > 0 };
}
