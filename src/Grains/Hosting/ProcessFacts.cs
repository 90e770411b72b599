using System.Diagnostics;

namespace Admission.Grains.Hosting;

/// <summary>What this process knows of itself.</summary>
internal static class ProcessFacts
{
    /// <summary>When it was started.</summary>
    public static DateTimeOffset Started
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return new DateTimeOffset(process.StartTime);
        }
    }
}
