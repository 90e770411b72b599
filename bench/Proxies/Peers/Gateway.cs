using System.Globalization;

namespace Admission.Bench.Proxies.Peers;

/// <summary>Admission's gateway: by itself with the ledger in its process, or several of one cluster.</summary>
internal static class Gateway
{
    public const string Setup = "Admission: the gateway as it is by default";

    /// <summary>One gateway with its own silo, in one process.</summary>
    public static Peer Alone(string name, Bound bound, params string[] more) => Alone(name, new Dictionary<string, string>(), bound, more);

    /// <summary>The same, with settings of the runtime in its environment.</summary>
    public static Peer Alone(string name, IReadOnlyDictionary<string, string> environment, Bound bound, params string[] more) => new(name, async backend =>
        Front.Of(await Server.DotnetAsync(environment, Repository.Gateway, [.. Arguments(backend, bound), .. more])));

    /// <summary>So many gateways, a silo and PostgreSQL, each a process of its own.</summary>
    public static Peer Cluster(string name, int gateways, Bound bound) => new(name, async backend =>
    {
        if (!PostgresServer.IsInstalled)
        {
            throw new InvalidOperationException("Missing: PostgreSQL (Debian package postgresql). Install it and run this again.");
        }

        var parts = new List<IAsyncDisposable>();
        try
        {
            var postgres = await PostgresServer.StartAsync();
            parts.Add(postgres);
            string[] cluster = ["--cluster", postgres.ConnectionString()];
            parts.Add(await Server.DotnetAsync(Repository.Silo, [.. cluster, "--silo-port", $"{FreePort.Take()}", "--gateway-port", $"{FreePort.Take()}"]));
            var servers = new List<Server>();
            while (servers.Count < gateways)
            {
                servers.Add(await Server.DotnetAsync(Repository.Gateway, [.. Arguments(backend, bound), .. cluster]));
                parts.Add(servers[^1]);
            }

            await Task.WhenAll(servers.Select(ReadyAsync));
            return new([.. servers.Select(server => server.Port)], [.. parts.OfType<Server>().Select(server => server.Id)], parts);
        }
        catch
        {
            await new Front([], [], parts).DisposeAsync();
            throw;
        }
    });

    private static string[] Arguments(Server backend, Bound bound)
    {
        string[] queue = bound.Queue == 0
            ? []
            : ["--queue", $"{bound.Queue}", "--max-wait", string.Create(CultureInfo.InvariantCulture, $"{bound.LongestWait.TotalMilliseconds:0}ms")];
        return ["--to", $"{backend.Address}", "--limit", $"{bound.Limit}", .. queue];
    }

    private static async Task ReadyAsync(Server server)
    {
        using var http = new HttpClient { BaseAddress = server.Address, Timeout = TimeSpan.FromSeconds(5) };
        await Until.TrueAsync(
            async () =>
            {
                using var answer = await http.GetAsync(new Uri("/health/ready", UriKind.Relative));
                return answer.IsSuccessStatusCode;
            },
            TimeSpan.FromSeconds(60),
            () => $"A gateway of the cluster is never ready:\n{server.Output}");
    }
}
