using Admission.Capacity;
using Admission.Simulator;

namespace Admission.Cli.Simulate;

/// <summary>What is to be simulated, read and checked.</summary>
internal sealed record SimulatePlan
{
    /// <summary>The backends that are replayed, one after the other.</summary>
    public required IReadOnlyList<BackendPlan> Backends { get; init; }

    public required int Frontends { get; init; }

    public required TimeSpan Delay { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>How each backend works on what is inside; null for as long as each request says.</summary>
    public ServerModel? Server { get; init; }

    /// <summary>How many backends the cluster has, where its size is asked for; else null.</summary>
    public int? ClusterBackends { get; init; }

    /// <summary>What each backend is offered; null for a recording.</summary>
    public SyntheticLoad? Load { get; init; }

    /// <summary>What should be known about the figures.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    public bool Json { get; init; }

    public string? Plot { get; init; }

    public ReplayOptions Options(BackendPlan backend) => new() { Policy = backend.Policy, Frontends = Frontends, Delay = Delay, Server = Server, Seed = backend.Seed };
}

/// <summary>One backend to replay.</summary>
internal sealed record BackendPlan(string Id, BackendPolicy Policy, IEnumerable<OfferedRequest> Arrivals, ulong Seed);
