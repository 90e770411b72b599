using System.Net;

namespace Admission.EndToEnd.Cluster.Network;

/// <summary>The way between two namespaces. Broken, what is sent goes to a hardware address that nobody has.</summary>
internal sealed class NamespaceLink((NetworkNamespace Namespace, IPAddress Address) from, (NetworkNamespace Namespace, IPAddress Address) to) : ILink
{
    /// <summary>The network device of each namespace.</summary>
    public const string Device = "eth0";

    private const string Nobody = "02:00:00:00:de:ad";

    private readonly Lock _lock = new();
    private Ways _broken;

    /// <inheritdoc/>
    public void Delay(TimeSpan delay, TimeSpan jitter)
    {
        // The kernels of test machines often lack netem; on the loopback address the proxy does it.
    }

    /// <inheritdoc/>
    public void Cut() => BlackHole(Ways.Both);

    /// <inheritdoc/>
    public void BlackHole(Ways ways)
    {
        lock (_lock)
        {
            _broken |= ways;
            Each(ways, (sender, receiver) => sender.Configure($"neigh replace {receiver} lladdr {Nobody} dev {DeviceOf(sender)} nud permanent"));
        }
    }

    /// <inheritdoc/>
    public void Heal(bool deliver = true)
    {
        lock (_lock)
        {
            Each(_broken, (sender, receiver) => sender.Configure($"neigh flush to {receiver} dev {DeviceOf(sender)} nud permanent"));
            _broken = Ways.None;
        }
    }

    private static string DeviceOf(NetworkNamespace sender) => sender.Name.EndsWith("-hub", StringComparison.Ordinal) ? "bridge" : Device;

    private void Each(Ways ways, Action<NetworkNamespace, IPAddress> change)
    {
        if (ways.HasFlag(Ways.There))
        {
            change(from.Namespace, to.Address);
        }

        if (ways.HasFlag(Ways.Back))
        {
            change(to.Namespace, from.Address);
        }
    }
}
