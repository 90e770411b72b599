using System.Runtime.InteropServices;

namespace Admission.Simulator;

/// <summary>One request that a replay offers to a backend.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct OfferedRequest
{
    /// <summary>When it arrives, from the beginning.</summary>
    public required TimeSpan At { get; init; }

    /// <summary>How long the backend works on it.</summary>
    public required TimeSpan Service { get; init; }

    /// <summary>The tenant, or null.</summary>
    public string? Tenant { get; init; }

    /// <summary>The priority; smaller is served first.</summary>
    public int Priority { get; init; }

    /// <summary>Permits that it takes.</summary>
    public int Weight { get; init; }

    /// <summary>The deadline that it states; null for none.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>After how long without an answer its client leaves; null for never.</summary>
    public TimeSpan? Patience { get; init; }
}
