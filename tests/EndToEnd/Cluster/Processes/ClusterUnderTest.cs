using System.Net;
using Admission.EndToEnd.Cluster.Backends;
using Admission.EndToEnd.Cluster.Load;
using Admission.EndToEnd.Cluster.Network;
using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster.Processes;

/// <summary>Silos, frontends, PostgreSQL and backends as real processes, with a proxy on each link.</summary>
internal sealed class ClusterUnderTest : IAsyncDisposable
{
    /// <summary>The load of hundreds of clients and all proxies share one pool: it must not begin with a thread for each of two cores.</summary>
    private const int PoolThreads = 16;

    private static readonly TimeSpan ReadyBound = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly List<BackendUnderTest> _backends = [];
    private readonly List<SupervisedProcess> _silos = [];
    private readonly List<SupervisedProcess> _frontends = [];
    private readonly List<ServerTarget> _targets = [];
    private readonly List<ServerTarget> _siloTargets = [];
    private readonly SemaphoreSlim _limitChange = new(1, 1);
    private readonly int _seed;

    private ClusterUnderTest(ClusterPlan plan, int seed)
    {
        (Plan, _seed) = (plan, seed);
        Balancer = new(_targets);
    }

    public ClusterPlan Plan { get; }

    public RunLog Log { get; } = new();

    public INetwork Network { get; private set; } = null!;

    public LoadBalancer Balancer { get; }

    public PostgresServer Postgres { get; private set; } = null!;

    public IReadOnlyList<BackendUnderTest> Backends => _backends;

    public IReadOnlyList<SupervisedProcess> Silos => _silos;

    public IReadOnlyList<SupervisedProcess> Frontends => _frontends;

    public IEnumerable<SupervisedProcess> Processes => [.. _silos, .. _frontends];

    /// <summary>When processes were dead or hung because the run said so.</summary>
    public IReadOnlyList<Outage> Outages =>
    [
        .. Processes.SelectMany(process => process.Outages),
        .. Backends.SelectMany(backend => backend.Process.Dead.Select(dead => new Outage(backend.Plan.Id, dead.From, dead.To))),
    ];

    /// <summary>Starts all of it, and waits until every frontend is ready.</summary>
    public static async Task<ClusterUnderTest> StartAsync(ClusterPlan plan, int seed = 0)
    {
        ThreadPool.SetMinThreads(PoolThreads, PoolThreads);
        var cluster = new ClusterUnderTest(plan, seed);
        try
        {
            await cluster.LaunchAsync();
            return cluster;
        }
        catch (Exception failure)
        {
            var log = cluster.Describe();
            await cluster.DisposeAsync();
            throw new InvalidOperationException($"The cluster does not start: {failure.Message}\n{log}", failure);
        }
    }

    public SupervisedProcess Process(string name) => Processes.First(process => process.Name == name);

    public BackendUnderTest Backend(string id) => Backends.First(backend => backend.Plan.Id == id);

    /// <summary>The silo that last said that it begins an epoch of this backend; null if none that runs did.</summary>
    public SupervisedProcess? OwnerOf(string backend) =>
        Silos.Select(silo => (Silo: silo, Epoch: EpochOf(silo, backend))).Where(each => each.Epoch > 0).OrderBy(each => each.Epoch).LastOrDefault().Silo;

    /// <summary>Waits until every silo and every frontend is ready.</summary>
    public async Task WaitUntilReadyAsync(TimeSpan bound)
    {
        var seen = "";
        await Until.TrueAsync(
            async () =>
            {
                await Task.Delay(100);
                ServerTarget[] all = [.. _siloTargets, .. _targets];
                await Task.WhenAll(all.Select(target => target.ProbeAsync()));
                seen = $"not ready: {string.Join(", ", all.Where(target => !target.IsReady).Select(target => target.Name))}";
                return all.All(target => target.IsReady);
            },
            bound,
            () => seen);
    }

    /// <summary>
    /// Waits until every frontend is a holder of every backend that is under load. One that was started again becomes one with its first request, which the ledger
    /// has to write: without PostgreSQL it cannot.
    /// </summary>
    public Task WaitUntilJoinedAsync(TimeSpan bound)
    {
        var seen = "";
        return Until.TrueAsync(
            async () =>
            {
                await Task.Delay(250);
                var joined = await Task.WhenAll(_targets.SelectMany(frontend => Plan.Live.Select(async plan => (Name: $"{plan.Id} at {frontend.Name}", Is: await Backend(plan.Id).HasLeaseAsync(frontend)))));
                seen = $"without a lease: {string.Join(", ", joined.Where(each => !each.Is).Select(each => each.Name))}";
                return joined.All(each => each.Is);
            },
            bound,
            () => seen);
    }

    /// <summary>Writes a new limit, and waits until the ledger has it and has no more permits booked.</summary>
    public async Task SetLimitAsync(BackendUnderTest backend, int limit, TimeSpan bound)
    {
        await _limitChange.WaitAsync();
        try
        {
            backend.Limits.Ask(limit, Clock.Now);
            WriteFile();
            Log.Note($"{backend.Plan.Id} is to have the limit {limit}");
            BackendState? seen = null;
            await Until.TrueAsync(
                async () =>
                {
                    seen = await backend.DescribeAsync(_targets.Where(target => target.IsReady));
                    return seen?.Limit == limit && seen.Booked <= limit;
                },
                bound,
                () => $"The limit {limit} of {backend.Plan.Id} is not in force: {seen}");
            backend.Limits.Acknowledge(Clock.Now);
            Log.Note($"{backend.Plan.Id} has the limit {limit}");
        }
        finally
        {
            _limitChange.Release();
        }
    }

    /// <summary>The log of the run, and what the processes wrote.</summary>
    public string Describe() =>
        $"{Log}\n{string.Join("\n", Processes.Select(process => $"=== {process.Name}\n{string.Join('\n', process.Output.Split('\n').TakeLast(40))}"))}";

    /// <summary>Copies the logs of all processes and the backends' journals to a folder.</summary>
    public void SaveLogs(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "run.log"), Log.ToString());
        foreach (var process in Processes)
        {
            var earlier = LogFile(process.Name);
            File.WriteAllText(Path.Combine(folder, $"{process.Name}.log"), (File.Exists(earlier) ? File.ReadAllText(earlier) : "") + process.Output);
        }

        foreach (var backend in Backends)
        {
            File.Copy(backend.Process.Journal.Path, Path.Combine(folder, $"{backend.Plan.Id}.journal"), overwrite: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Balancer.DisposeAsync();
        await Task.WhenAll(Processes.Select(process => process.DisposeAsync().AsTask()));
        await Task.WhenAll(_backends.Select(backend => backend.DisposeAsync().AsTask()));
        await (Network?.DisposeAsync() ?? default);
        await (Postgres?.DisposeAsync() ?? default);
        _limitChange.Dispose();
        _folder.Dispose();
    }

    private async Task LaunchAsync()
    {
        Network = await ConnectAsync();
        Log.Note($"Network: {Network.Description}");
        Postgres = await PostgresServer.StartAsync();
        _backends.AddRange(await Task.WhenAll(Plan.Backends.Select(async backend =>
            new BackendUnderTest(backend, await RecordingBackend.StartAsync(backend.Kind, Plan.Quarantine, Network.PlaceOf(INetwork.Outside))))));
        WriteFile();
        _silos.AddRange(Plan.SiloNames.Select(NewSilo));
        _frontends.AddRange(Plan.FrontendNames.Select(NewFrontend));
        foreach (var process in Processes)
        {
            process.Start();
        }

        await WaitUntilReadyAsync(ReadyBound);
        Log.Note("Every frontend is ready");
        Balancer.Start();
    }

    private async Task<INetwork> ConnectAsync()
    {
        if (Plan.ManyHosts)
        {
            var (network, reason) = await NamespaceNetwork.TryCreateAsync([.. Plan.SiloNames, .. Plan.FrontendNames]);
            if (network is not null)
            {
                return network;
            }

            Log.Note($"Instead of many hosts the loopback address: {reason}");
        }

        return new LoopbackNetwork(() => Processes.Select(process => (process.Name, process.Id)), _seed);
    }

    private SupervisedProcess NewSilo(string name)
    {
        var (place, silo, gateway) = (Network.PlaceOf(name), FreePort.Take(), FreePort.Take());
        var http = new IPEndPoint(place.Address, FreePort.Take());
        var environment = Environment(name);
        environment["Cluster__AdvertisedAddress"] = $"{place.Address}";
        environment["Cluster__SiloPort"] = $"{Network.Reach(name, silo)}";
        environment["Cluster__SiloListenPort"] = $"{silo}";
        environment["Cluster__GatewayPort"] = $"{Network.Reach(name, gateway)}";
        environment["Cluster__GatewayListenPort"] = $"{gateway}";
        _siloTargets.Add(new(name, http, Network.PlaceOf(INetwork.Outside), place));
        return New(name, place, environment, Directory.CreateDirectory(_folder[name]).FullName, [Repository.SiloAssembly, "--urls", $"http://{http}"]);
    }

    private SupervisedProcess NewFrontend(string name)
    {
        var place = Network.PlaceOf(name);
        var http = new IPEndPoint(place.Address, FreePort.Take());
        _targets.Add(new(name, http, Network.PlaceOf(INetwork.Outside), place));

        // The admin API answers on the loopback address alone.
        var urls = IPAddress.IsLoopback(place.Address) ? $"http://{http}" : $"http://{http};http://127.0.0.1:{http.Port}";
        return New(name, place, Environment(name), _folder.Path, [Repository.GatewayAssembly, "--urls", urls, "--data", _folder[name]]);
    }

    private SupervisedProcess New(string name, Place place, Dictionary<string, string> environment, string folder, string[] arguments)
    {
        string[] command = [.. place.Prefix, "dotnet", .. arguments];
        return new(name, () => ChildProcess.Start(command[0], command[1..], environment, folder), LogFile(name), Log);
    }

    private Dictionary<string, string> Environment(string name)
    {
        var database = Network.ReachDatabase(name, Postgres.Port);
        return new()
        {
            ["Cluster__ConnectionString"] = Postgres.ConnectionString(port: database.Port).Replace("Host=127.0.0.1", $"Host={database.Address}", StringComparison.Ordinal),
            ["Cluster__ClusterId"] = "faults",
            ["Cluster__AuthorityTtl"] = $"{Plan.AuthorityTtl}",
            ["Logging__Console__FormatterName"] = "simple",
            ["Logging__Console__FormatterOptions__SingleLine"] = "true",
            ["Logging__Console__FormatterOptions__TimestampFormat"] = "HH:mm:ss.fff ",
            ["DOTNET_gcConcurrent"] = "0",
        };
    }

    private void WriteFile() =>
        FrontendFile.Write(_folder.Path, Plan, _backends.Select(backend => (backend.Plan, backend.Process.Address, backend.Limits.Current)));

    private string LogFile(string name) => _folder[$"{name}.log"];

    // Event 3000: "Backend 'x' begins epoch 3."
    private static long EpochOf(SupervisedProcess silo, string backend)
    {
        var start = $"Backend '{backend}' begins epoch ";
        var line = silo.Output.Split('\n').LastOrDefault(line => line.Contains(start, StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.AsSpan(line.IndexOf(start, StringComparison.Ordinal) + start.Length).ToString().Split('.')[0]);
    }
}
