namespace Admission.Simulator;

/// <summary>How arrivals are replayed.</summary>
public sealed record ReplayOptions
{
    /// <summary>The policy that the ledger enforces.</summary>
    public required BackendPolicy Policy { get; init; }

    /// <summary>Holders that share the arrivals; each request goes to one that is drawn. At least 1; default 3.</summary>
    public int Frontends { get; init; } = 3;

    /// <summary>The mean time of a message on its way; each is drawn from half to one and a half times of it. Default 0.5 ms.</summary>
    public TimeSpan Delay { get; init; } = TimeSpan.FromMilliseconds(0.5);

    /// <summary>How the backend works on what is inside. Null (the default): on each request as long as that says, however many there are.</summary>
    public ServerModel? Server { get; init; }

    /// <summary>How much of the arrivals each frontend gets, in proportion; one number for each, at least one above 0. Null (the default): all the same.</summary>
    public IReadOnlyList<double>? Shares { get; init; }

    /// <summary>What happens before is not counted, so that a cluster that starts does not show. Default 0.</summary>
    public TimeSpan CountFrom { get; init; }

    /// <summary>When the replay ends, whatever is still under way. Null (the default): with the last request.</summary>
    public TimeSpan? EndAt { get; init; }

    /// <summary>Of what is drawn: two replays with one seed are the same.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>A real clock that measures what the ledger's calls cost; null for none.</summary>
    public TimeProvider? MeasuringTime { get; init; }
}
