using System.Collections.Concurrent;
using Orleans.Configuration;
using Orleans.Fallback.AdoNet;
using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Admission.Engine.Tests.FallbackOnly.Membership;

/// <summary>Silos that share a table in PostgreSQL, and a network whose links a test cuts. They have membership and nothing else.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private static int _nextPort = 40_000;

    private readonly OrleansDatabase _database;
    private readonly ConcurrentDictionary<SiloAddress, TestSilo> _silos = new();
    private readonly ConcurrentDictionary<(SiloAddress From, SiloAddress To), bool> _cuts = new();
    private readonly ConcurrentBag<IAsyncDisposable> _owned = [];

    public TestCluster(string connectionString)
    {
        _database = new OrleansDatabase(connectionString, TimeSpan.FromSeconds(5), 30, TimeProvider.System);
        Table = new CuttableTable(new AdoNetMemberTable(_database, "cluster"));
    }

    /// <summary>Long enough for anything that these short times allow, on a busy machine.</summary>
    public static TimeSpan Bound { get; } = TimeSpan.FromSeconds(30);

    /// <summary>The table that the test itself looks at.</summary>
    public CuttableTable Table { get; }

    public static int NextPort() => Interlocked.Increment(ref _nextPort);

    public static ClusterMembershipOptions Options(Action<ClusterMembershipOptions>? configure = null)
    {
        var options = new ClusterMembershipOptions
        {
            ProbeTimeout = TimeSpan.FromMilliseconds(150),
            TableRefreshTimeout = TimeSpan.FromMilliseconds(600),
            IAmAliveTablePublishTimeout = TimeSpan.FromMilliseconds(400),
            MaxJoinAttemptTime = TimeSpan.FromSeconds(20),
        };
        configure?.Invoke(options);
        return options;
    }

    public TestSilo Create(int? port = null, ClusterMembershipOptions? options = null, TimeProvider? time = null)
    {
        var silo = new TestSilo(this, port ?? NextPort(), new CuttableTable(new AdoNetMemberTable(_database, "cluster")), options ?? Options(), time ?? TimeProvider.System);
        _silos[silo.Address] = silo;
        _owned.Add(silo);
        return silo;
    }

    public async Task<TestSilo> StartAsync(int? port = null, ClusterMembershipOptions? options = null, TimeProvider? time = null)
    {
        var silo = Create(port, options, time);
        await silo.StartAsync();
        return silo;
    }

    public async Task<TestSilo[]> StartManyAsync(int count) => await Task.WhenAll(Enumerable.Range(0, count).Select(_ => StartAsync()));

    public void Cut(TestSilo from, TestSilo to) => _cuts[(from.Address, to.Address)] = true;

    public void CutBoth(TestSilo one, TestSilo other)
    {
        Cut(one, other);
        Cut(other, one);
    }

    public void Heal() => _cuts.Clear();

    public TestSilo? Reach(SiloAddress from, SiloAddress to) =>
        _silos.TryGetValue(to, out var silo) && silo.Answers && !_cuts.ContainsKey((from, to)) ? silo : null;

    public async Task<SiloStatus> StatusAsync(TestSilo silo) =>
        (await Table.ReadAsync(CancellationToken.None)).Find(silo.Address)?.Status ?? SiloStatus.None;

    public Task UntilAsync(TestSilo silo, SiloStatus status) => Admission.Testing.Until.TrueAsync(
        async () => await StatusAsync(silo) == status, Bound, () => $"{silo.Address} is not {status} in the table.");

    public Task UntilSeenAsync(TestSilo by, params TestSilo[] active) => Admission.Testing.Until.TrueAsync(
        () => by.SeesActive(active), Bound, () => $"{by.Address} sees {string.Join(", ", by.Membership.Current.Members)}.");

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_owned.Select(owned => owned.DisposeAsync().AsTask()));
        _database.Dispose();
    }
}
