using Admission.EndToEnd.Cluster.Proxy;

namespace Admission.EndToEnd.Cluster.Processes;

/// <summary>The links between the processes of a cluster, and the proxies that they go through.</summary>
internal sealed class Network(Func<IEnumerable<(string Name, int Process)>> processes, int seed) : IAsyncDisposable
{
    public const string Database = "postgres";

    private readonly Dictionary<(string From, string To), Link> _links = [];
    private readonly List<LinkProxy> _proxies = [];
    private readonly Lock _lock = new();

    public IReadOnlyList<Link> All
    {
        get
        {
            lock (_lock)
            {
                return [.. _links.Values];
            }
        }
    }

    public Link Link(string from, string to)
    {
        lock (_lock)
        {
            return _links.TryGetValue((from, to), out var link) ? link : _links[(from, to)] = new(from, to, seed + _links.Count);
        }
    }

    /// <summary>Puts a proxy before a server that many processes connect to. Whose a connection is, /proc tells.</summary>
    public int Before(string server, int port)
    {
        var proxy = new LinkProxy(FreePort.Take(), port, opener =>
        {
            var known = processes().ToArray();
            var owner = SocketOwners.Find(opener, known.Select(each => each.Process));
            return Link(owner is null ? "unknown" : known.First(each => each.Process == owner).Name, server);
        });
        _proxies.Add(proxy);
        return proxy.Port;
    }

    /// <summary>Puts a proxy before a server for one process alone.</summary>
    public int Before(string server, int port, string opener)
    {
        var proxy = new LinkProxy(port, Link(opener, server));
        _proxies.Add(proxy);
        return proxy.Port;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }
    }
}
