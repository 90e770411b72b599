using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Admission.EndToEnd.Cluster.Network;
using Admission.EndToEnd.Cluster.Processes;
using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster.Leases;

/// <summary>The programs that hold leases in a fault run, and their database. They are where clients are: no fault of the network meets them.</summary>
internal sealed class HolderProcesses : IAsyncDisposable
{
    /// <summary>What they show to gateways that are not on their machine.</summary>
    public const string Key = "adm_of-the-holders-of-a-fault-run";

    private const int Count = 4;
    private const int SessionsOfEach = 3;
    private const string Prefix = "holder";

    /// <summary>Where Debian's packages for Python are seen.</summary>
    private const string Python = "/usr/bin/python3";

    private readonly TemporaryFolder _folder = new();

    private HolderProcesses(ClusterUnderTest cluster, LeasedDatabase database, int seed)
    {
        Database = database;
        All = [.. Names.Select(name => New(cluster, name, seed))];
    }

    /// <summary>The key as the gateways' configuration has it.</summary>
    public static string KeyHash { get; } = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)))}";

    public static IReadOnlyList<string> Names { get; } = [.. Enumerable.Range(1, Count).Select(number => $"{Prefix}{number}")];

    public LeasedDatabase Database { get; }

    public IReadOnlyList<SupervisedProcess> All { get; }

    public IReadOnlyList<Outage> Outages => [.. All.SelectMany(holder => holder.Outages)];

    private string JournalFile => _folder["journal"];

    /// <summary>Starts them.</summary>
    public static HolderProcesses Start(ClusterUnderTest cluster, LeasedDatabase database, int seed)
    {
        var holders = new HolderProcesses(cluster, database, seed);
        foreach (var holder in holders.All)
        {
            holder.Start();
        }

        return holders;
    }

    /// <summary>Each holder asks another gateway first.</summary>
    public static int FirstGateway(string holder) => int.Parse(holder.AsSpan(Prefix.Length), CultureInfo.InvariantCulture) - 1;

    public LeaseJournal Journal(int gateways) => LeaseJournal.Read(File.Exists(JournalFile) ? File.ReadLines(JournalFile) : [], gateways);

    /// <summary>Stops them in order: they give back what they hold.</summary>
    public Task StopAsync() => Task.WhenAll(All.Select(holder => holder.TerminateAsync()));

    /// <summary>Copies the journal and the logs to a folder.</summary>
    public void SaveLogs(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.EnumerateFiles(_folder.Path))
        {
            File.Copy(file, Path.Combine(folder, Path.GetFileName(file) is "journal" ? "leases.journal" : Path.GetFileName(file)), overwrite: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(All.Select(holder => holder.DisposeAsync().AsTask()));
        _folder.Dispose();
    }

    private SupervisedProcess New(ClusterUnderTest cluster, string name, int seed)
    {
        var first = FirstGateway(name);
        var gateways = cluster.Balancer.Frontends.Select(frontend => $"http://{frontend.Address}").ToArray();
        var environment = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PYTHONPATH"] = Repository.PythonSample,
            ["PYTHONDONTWRITEBYTECODE"] = "1",
            ["NO_PROXY"] = "*",
            ["HOLDER_NAME"] = name,
            ["HOLDER_SEED"] = $"{seed + first}",
            ["HOLDER_JOURNAL"] = JournalFile,
            ["ADMISSION_URLS"] = string.Join(',', gateways.Skip(first).Concat(gateways.Take(first))),
            ["ADMISSION_KEY"] = Key,
            ["DATABASE_SOCKETS"] = Database.Sockets,
            ["DATABASE_PORT"] = $"{Database.Port}",
            ["SESSIONS"] = LeasedPlan.Sessions.Id,
            ["SESSIONS_TTL"] = $"{LeasedPlan.Sessions.Ttl.TotalSeconds}",
            ["SESSIONS_THREADS"] = $"{SessionsOfEach}",
            ["WRITER"] = LeasedPlan.Writer.Id,
            ["WRITER_TTL"] = $"{LeasedPlan.Writer.Ttl.TotalSeconds}",
        };
        string[] command = [.. cluster.Network.PlaceOf(INetwork.Outside).Prefix, Python, Path.Combine(Repository.Holders, "lease_holder.py")];
        return new(name, () => ChildProcess.Start(command[0], command[1..], environment), _folder[$"{name}.log"], cluster.Log);
    }
}
