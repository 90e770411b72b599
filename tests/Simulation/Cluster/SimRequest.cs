namespace Admission.Simulation;

/// <summary>One client's request at one holder.</summary>
internal sealed class SimRequest : WaitingRequest
{
    public required int Holder { get; init; }

    public required int Process { get; init; }

    /// <summary>True time of arrival.</summary>
    public required long ArrivedAt { get; init; }

    public required AdmissionRequest Asked { get; init; }

    /// <summary>How long the backend will work on it, in true time.</summary>
    public required long Service { get; init; }

    public bool IsDecided { get; set; }

    /// <summary>Belongs to the test of full use at the end.</summary>
    public bool IsProbe { get; init; }

    /// <summary>Belongs to the quiet tail before that: destinations that are withheld come back only if somebody wants to be served.</summary>
    public bool IsNudge { get; init; }

    /// <summary>It is for a lease that a program is to hold by itself.</summary>
    public bool IsForLease { get; init; }

    /// <summary>Its place in the holder's list of waiting requests.</summary>
    public int Place { get; set; }

    /// <inheritdoc/>
    public override void Decided(in PoolResult result) =>
        throw new NotSupportedException("The simulated holder takes decisions from the pool's effects.");
}

/// <summary>One request inside the backend.</summary>
internal sealed class Work
{
    public required int Holder { get; init; }

    public required int Process { get; init; }

    public required Permit Permit { get; init; }

    public required int Weight { get; init; }

    public string? Tenant { get; init; }

    public required int Destination { get; init; }

    /// <summary>The ticket of its request; 0 if it never waited.</summary>
    public long Ticket { get; init; }

    /// <summary>The backend works on it.</summary>
    public bool IsInside { get; set; }

    /// <summary>How it ends, as its holder sees it.</summary>
    public RunOutcome Outcome { get; set; } = RunOutcome.Served;

    /// <summary>Sent to a destination of which its pool knew that it is withheld; then the line of ledgers that it was a trial of.</summary>
    public int Trial { get; set; }

    /// <summary>The holder has released the permit, or is gone.</summary>
    public bool IsReleased { get; set; }

    public bool IsProbe { get; init; }

    /// <summary>Its place in the holder's list.</summary>
    public int Place { get; set; }
}
