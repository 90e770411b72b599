using System.Net;
using System.Net.Sockets;
using Admission.EndToEnd.Cluster.Proxy;

namespace Admission.EndToEnd.Cluster.Network;

/// <summary>One machine: the processes of a cluster on the loopback address, and the proxies that their links go through.</summary>
internal sealed class LoopbackNetwork(Func<IEnumerable<(string Name, int Process)>> processes, int seed) : INetwork
{
    private static readonly Place Here = new(IPAddress.Loopback, [], () => new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));

    private readonly Dictionary<(string From, string To), ProxiedLink> _links = [];
    private readonly List<LinkProxy> _proxies = [];
    private readonly Lock _lock = new();

    public string Description => "every process on the loopback address, and a proxy on each link";

    public Place PlaceOf(string name) => Here;

    public ILink Link(string from, string to) => ProxiedLink(from, to);

    /// <summary>Puts a proxy before a server that many processes connect to. Whose a connection is, /proc tells.</summary>
    public int Reach(string server, int port)
    {
        var proxy = new LinkProxy(new(IPAddress.Loopback, FreePort.Take()), port, opener =>
        {
            var known = processes().ToArray();
            var owner = SocketOwners.Find(opener, known.Select(each => each.Process));
            return ProxiedLink(owner is null ? "unknown" : known.First(each => each.Process == owner).Name, server);
        });
        _proxies.Add(proxy);
        return proxy.Port;
    }

    /// <summary>Puts a proxy before the database for one process alone.</summary>
    public IPEndPoint ReachDatabase(string opener, int port)
    {
        var proxy = new LinkProxy(port, ProxiedLink(opener, INetwork.Database));
        _proxies.Add(proxy);
        return new(IPAddress.Loopback, proxy.Port);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }
    }

    private ProxiedLink ProxiedLink(string from, string to)
    {
        lock (_lock)
        {
            return _links.TryGetValue((from, to), out var link) ? link : _links[(from, to)] = new(from, to, seed + _links.Count);
        }
    }
}
