using System.Net;
using Admission.EndToEnd.Cluster.Proxy;

namespace Admission.EndToEnd.Cluster.Network;

/// <summary>
/// Many machines: each silo and each frontend in a network namespace with an address of its own, connected by a bridge in one more, where the backends and the clients are.
/// Nothing of it can be reached from outside. A partition is the real network's: the kernel sends to a neighbour that is not there.
/// </summary>
/// <remarks>
/// The database stays on the machine's loopback address; in the bridge's namespace a proxy of the tests' stands for it. A neighbour's hardware address that nobody has
/// needs no packet filter and no module of the kernel. What cannot be done so is delay, and a cut is a black hole: a router's fault sends no resets.
/// </remarks>
internal sealed class NamespaceNetwork : INetwork
{
    private const string Subnet = "10.213.77";
    private const int FirstMember = 10;

    private readonly NetworkNamespace _hub;
    private readonly Dictionary<string, (NetworkNamespace Namespace, IPAddress Address)> _members = [];
    private readonly Dictionary<(string From, string To), NamespaceLink> _links = [];
    private readonly List<LinkProxy> _proxies = [];
    private readonly Lock _lock = new();

    private NamespaceNetwork(NetworkNamespace hub) => _hub = hub;

    public string Description => "each silo and each frontend in a network namespace with an address of its own";

    /// <summary>Makes one for some processes; null, and why, where it cannot be made.</summary>
    public static async Task<(NamespaceNetwork? Network, string Reason)> TryCreateAsync(IEnumerable<string> names)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            return (null, "network namespaces need root on Linux");
        }

        NamespaceNetwork? network = null;
        try
        {
            network = new(NetworkNamespace.Create("hub"));
            network.Connect(names);
            return (network, "");
        }
        catch (Exception impossible) when (impossible is InvalidOperationException or IOException or System.ComponentModel.Win32Exception)
        {
            await (network?.DisposeAsync() ?? default);
            return (null, $"network namespaces cannot be made here: {impossible.Message}");
        }
    }

    public Place PlaceOf(string name) => _members.TryGetValue(name, out var member)
        ? new(member.Address, member.Namespace.Command, member.Namespace.NewSocket)
        : new(Hub, _hub.Command, _hub.NewSocket);

    public int Reach(string server, int port) => port;

    public IPEndPoint ReachDatabase(string opener, int port)
    {
        lock (_lock)
        {
            if (_proxies.Count == 0)
            {
                var all = new ProxiedLink("all", INetwork.Database);
                _proxies.Add(new(new(Hub, FreePort.Take()), port, _ => all, _hub.NewSocket));
            }

            return new(Hub, _proxies[0].Port);
        }
    }

    public ILink Link(string from, string to)
    {
        lock (_lock)
        {
            return _links.TryGetValue((from, to), out var link) ? link : _links[(from, to)] = new(End(from), End(to));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var proxy in _proxies)
        {
            await proxy.DisposeAsync();
        }

        foreach (var (member, _) in _members.Values)
        {
            member.Dispose();
        }

        _hub.Dispose();
    }

    private static IPAddress Hub => IPAddress.Parse($"{Subnet}.1");

    private (NetworkNamespace Namespace, IPAddress Address) End(string name) => _members.TryGetValue(name, out var member) ? member : (_hub, Hub);

    private void Connect(IEnumerable<string> names)
    {
        _hub.Configure("link add bridge type bridge");
        _hub.Configure($"addr add {Hub}/24 dev bridge");
        _hub.Configure("link set bridge up");
        foreach (var name in names)
        {
            var (member, address) = (NetworkNamespace.Create(name), IPAddress.Parse($"{Subnet}.{FirstMember + _members.Count}"));
            _members.Add(name, (member, address));
            _hub.Configure($"link add to{_members.Count} type veth peer name {NamespaceLink.Device} netns {member.Name}");
            _hub.Configure($"link set to{_members.Count} master bridge up");
            member.Configure($"addr add {address}/24 dev {NamespaceLink.Device}");
            member.Configure($"link set {NamespaceLink.Device} up");
        }
    }
}
