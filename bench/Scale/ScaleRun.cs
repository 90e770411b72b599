namespace Admission.Scale;

/// <summary>What one cluster did, beside one ideal queue with the same arrivals.</summary>
internal sealed record ScaleFigures(ScalePoint Point, ReplayResult Cluster, IdealResult Ideal)
{
    public double MessagesPerRequest => Cluster.Messages.Messages / (double)Math.Max(1, Cluster.All.Requests);

    public double ExchangesPerSecond => Cluster.Messages.Exchanges / Cluster.Span.TotalSeconds;

    public double LedgerMicroseconds => Cluster.Messages.LedgerTime.TotalMicroseconds / Math.Max(1, Cluster.Messages.Exchanges);

    /// <summary>The ledger's part of one core of this machine.</summary>
    public double LedgerShare => Cluster.Messages.LedgerTime / Cluster.Span;

    public double OfIdeal => Cluster.Utilisation / Ideal.Utilisation;
}

/// <summary>Simulates a cluster and the ideal queue.</summary>
internal static class ScaleRun
{
    private const ulong Seed = 7;

    public static ScaleFigures Run(ScalePoint point)
    {
        var load = new SyntheticLoad { Rate = point.Rate, Duration = point.End, Service = point.Service };
        var ideal = IdealQueue.Run(point.Limit, point.Places, load.Arrivals(Seed), point.CountFrom, point.End);
        var cluster = BackendReplay.Run(
            new ReplayOptions
            {
                Policy = point.Policy,
                Frontends = point.Frontends,
                Shares = point.Demand.Shares(point.Frontends),
                Delay = TimeSpan.FromMilliseconds(point.RoundTripMs / 2),
                Seed = Seed,
                CountFrom = point.CountFrom,
                EndAt = point.End,
                MeasuringTime = TimeProvider.System,
            },
            load.Arrivals(Seed));
        if (cluster.PeakInUse > point.Limit)
        {
            throw new InvalidOperationException($"{point}: {cluster.PeakInUse} requests were inside, which is above the limit.");
        }

        return new ScaleFigures(point, cluster, ideal);
    }
}
