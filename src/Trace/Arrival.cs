using System.Runtime.InteropServices;

namespace Admission.Trace;

/// <summary>One request as it reached admission.</summary>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Arrival
{
    /// <summary>When it asked for its permits, from the beginning of the recording.</summary>
    public TimeSpan At { get; init; }

    /// <summary>The backend.</summary>
    public string Backend { get; init; }

    /// <summary>The tenant, or null.</summary>
    public string? Tenant { get; init; }

    /// <summary>The priority; smaller is served first.</summary>
    public int Priority { get; init; }

    /// <summary>Permits asked for.</summary>
    public int Weight { get; init; }

    /// <summary>How long its permits were in use; null for a request that never ran.</summary>
    public TimeSpan? Service { get; init; }

    /// <summary>How long the client would have waited, by its own deadline; null if it had none.</summary>
    public TimeSpan? Deadline { get; init; }

    /// <summary>How long it waited for its permits, for its refusal, or until its client left.</summary>
    public TimeSpan Waited { get; init; }

    /// <summary>What became of it.</summary>
    public ArrivalOutcome Outcome { get; init; }
}
