namespace Admission.Scale;

/// <summary>One cluster that is simulated: so many frontends before one backend, and what they are offered.</summary>
internal sealed record ScalePoint(int Frontends, int Limit, Demand Demand, double Load)
{
    /// <summary>The time of a message from a frontend to the ledger and back, in milliseconds.</summary>
    public double RoundTripMs { get; init; } = 0.5;

    /// <summary>The mean time of a request in the backend, exponentially distributed: longer for the largest limits, so that their requests a second stay within what a run can simulate.</summary>
    public TimeSpan Service => TimeSpan.FromSeconds(Limit > 10_000 ? 1 : 0.1);

    /// <summary>Requests a second.</summary>
    public double Rate => Load * Limit / Service.TotalSeconds;

    /// <summary>From when it is counted: the frontends have shown their demand and the backend its level.</summary>
    public TimeSpan CountFrom => TimeSpan.FromSeconds(Limit switch { 1 => 20, 10 => 10, 100 => 8, 1_000_000 => 3, _ => 5 });

    /// <summary>For how long it is counted: one heartbeat of every frontend, longer where requests are few, and less where a second has half a million.</summary>
    public TimeSpan Counted => TimeSpan.FromSeconds(Limit switch { 1 => 200, 10 => 40, 100 => 12, 1_000 => 6.7, 1_000_000 => 1.5, _ => 3.35 });

    public TimeSpan End => CountFrom + Counted;

    /// <summary>Places in the queue: as many as the limit, within 100 and what a policy may have.</summary>
    public int Places => Math.Clamp(Limit, 100, BackendPolicyRules.LargestQueue);

    /// <summary>Heartbeats and their answers for each request, if every frontend sent nothing else.</summary>
    public double Heartbeats => 2 * Frontends / (Policy.LeaseTtl.TotalSeconds / 3) / Rate;

    public BackendPolicy Policy => new()
    {
        Limit = Limit,
        Overflow = Overflow.Wait,
        QueueCapacity = Places,
        MaxWait = TimeSpan.FromMinutes(10),

        // The ideal queue knows nothing of clients that leave, and nobody leaves here.
        IgnoresPatience = true,
    };
}
