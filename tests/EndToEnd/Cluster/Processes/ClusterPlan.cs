using Admission.EndToEnd.Cluster.Backends;

namespace Admission.EndToEnd.Cluster.Processes;

/// <summary>What a cluster under test consists of, and its times.</summary>
internal sealed record ClusterPlan
{
    public int Silos { get; init; } = 3;

    public int Frontends { get; init; } = 4;

    /// <summary>Whether silos and frontends are to have network namespaces of their own, where they can be made.</summary>
    public bool ManyHosts { get; init; }

    public TimeSpan LeaseTtl { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest that a backend works on one request; see <see cref="RecordingBackend"/>.</summary>
    public TimeSpan Quarantine { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a silo's ledgers may grant after the database confirmed it last; the product's default.</summary>
    public TimeSpan AuthorityTtl { get; init; } = TimeSpan.FromSeconds(45);

    public TimeSpan MaxWait { get; init; } = TimeSpan.FromSeconds(4);

    public TimeSpan RunTimeout { get; init; } = TimeSpan.FromSeconds(10);

    public IReadOnlyList<BackendPlan> Backends { get; init; } =
    [
        new("stops-1", BackendKind.Stops, 1, Waits: true, new(5, 100, 2000, 0.01)),
        new("goes-on-1", BackendKind.GoesOn, 1, Waits: false, new(5, 100, 2000, 0.01)),
        new("stops-8", BackendKind.Stops, 8, Waits: false, new(50, 350, 2000, 0.02)),
        new("goes-on-8", BackendKind.GoesOn, 8, Waits: true, new(50, 350, 2000, 0.02)),
        new("stops-100", BackendKind.Stops, 100, Waits: true, new(500, 2000, 5000, 0.02)),
        new("goes-on-100", BackendKind.GoesOn, 100, Waits: false, new(500, 2000, 5000, 0.02)),
    ];

    /// <summary>After the loss of a holder: until the ledger gives up on its lease, and then its quarantine.</summary>
    public TimeSpan UntilPermitsAreBack => (LeaseTtl * 1.1) + Quarantine;

    public IEnumerable<string> SiloNames => Enumerable.Range(1, Silos).Select(number => $"silo{number}");

    public IEnumerable<string> FrontendNames => Enumerable.Range(1, Frontends).Select(number => $"frontend{number}");
}
