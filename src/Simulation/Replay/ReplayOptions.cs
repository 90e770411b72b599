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

    /// <summary>Of what is drawn: two replays with one seed are the same.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>A real clock that measures what the ledger's calls cost; null for none.</summary>
    public TimeProvider? MeasuringTime { get; init; }
}
