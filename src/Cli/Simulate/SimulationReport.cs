using Admission.Simulator;

namespace Admission.Cli.Simulate;

/// <summary>What a simulation has shown.</summary>
internal sealed record SimulationReport
{
    public required IReadOnlyList<BackendReport> Backends { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    public SizingReport? Sizing { get; init; }

    public ClusterSize? Cluster { get; init; }
}

/// <summary>One backend's part.</summary>
internal sealed record BackendReport(string Backend, ReplayResult Result);

/// <summary>What the whole cluster costs: the measured backend, multiplied.</summary>
/// <param name="Frontends">Frontends, each of which uses every backend.</param>
/// <param name="Backends">Backends.</param>
/// <param name="RequestsPerSecond">Requests over all backends.</param>
/// <param name="MessagesPerSecond">Messages between frontends and ledgers.</param>
/// <param name="LedgerCores">Processors that the ledgers keep busy, by themselves.</param>
/// <param name="LedgerBytes">Memory of all ledgers for their holders.</param>
/// <param name="BytesPerFrontend">Memory of one frontend's pools.</param>
internal sealed record ClusterSize(
    int Frontends, int Backends, double RequestsPerSecond, double MessagesPerSecond, double LedgerCores, double LedgerBytes, double BytesPerFrontend)
{
    public static ClusterSize Of(SimulatePlan plan, SizingReport sizing)
    {
        var backends = plan.ClusterBackends!.Value;
        var point = sizing.Holders.OrderBy(each => Math.Abs(each.Frontends - plan.Frontends)).First();
        var rate = backends * plan.Load!.Rate;
        return new ClusterSize(
            plan.Frontends,
            backends,
            rate,
            rate * point.MessagesPerRequest,
            backends * point.ExchangesPerSecond * point.LedgerMicroseconds / 1e6,
            (double)backends * plan.Frontends * point.LedgerBytes,
            backends * point.FrontendBytes);
    }
}
