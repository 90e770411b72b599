using Admission.EndToEnd.Cluster.Backends;
using Admission.EndToEnd.Cluster.Leases;

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
        new("stops-1", BackendKind.Stops, 1, Overflow.Wait, new(5, 100, 2000, 0.01)),
        new("goes-on-1", BackendKind.GoesOn, 1, Overflow.Refuse, new(5, 100, 2000, 0.01)),
        new("stops-8", BackendKind.Stops, 8, Overflow.Refuse, new(50, 350, 2000, 0.02)),
        new("goes-on-8", BackendKind.GoesOn, 8, Overflow.Wait, new(50, 350, 2000, 0.02)),
        new("stops-100", BackendKind.Stops, 100, Overflow.Wait, new(500, 2000, 5000, 0.02)),
        new("goes-on-100", BackendKind.GoesOn, 100, Overflow.Refuse, new(500, 2000, 5000, 0.02)),
        new("deferred-3", BackendKind.GoesOn, 3, Overflow.Defer, new(50, 350, 2000, 0.02)),
    ];

    /// <summary>The backends of which programs hold leases.</summary>
    public IReadOnlyList<LeasedPlan> Leased { get; init; } = [];

    /// <summary>How long after its gateway's end another one takes up its jobs.</summary>
    public TimeSpan ClaimTtl { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>The backends whose clients are answered at once, or refused.</summary>
    public IReadOnlyList<BackendPlan> Live => [.. Backends.Where(backend => backend.Overflow != Overflow.Defer)];

    /// <summary>The backends that are sent jobs.</summary>
    public IReadOnlyList<BackendPlan> Deferring => [.. Backends.Where(backend => backend.Overflow == Overflow.Defer)];

    /// <summary>After the loss of a holder: until the ledger gives up on its lease, and then its quarantine.</summary>
    public TimeSpan UntilPermitsAreBack => (LeaseTtl * 1.1) + Quarantine;

    public IEnumerable<string> SiloNames => Enumerable.Range(1, Silos).Select(number => $"silo{number}");

    public IEnumerable<string> FrontendNames => Enumerable.Range(1, Frontends).Select(number => $"frontend{number}");
}
