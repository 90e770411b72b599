using Admission.Bench;
using Admission.Bench.Proxies.Peers;

namespace Admission.Parked;

/// <summary>Something that lets requests wait in front of a backend.</summary>
/// <param name="Where">Where a request waits there.</param>
/// <param name="Proxy">It.</param>
internal sealed record ParkedPeer(string Where, Peer Proxy)
{
    /// <summary>Requests at the backend at once, for those that have a limit.</summary>
    public const int Limit = 64;

    private const int NginxWorkers = 4;

    private static readonly Bound Room = new(Limit, 100_000, TimeSpan.FromMinutes(10));

    public static readonly IReadOnlyList<ParkedPeer> All =
    [
        new("in the gateway's queue", Gateway.Alone("Admission", Room, "--run-timeout", "10m")),
        new("in the queue of its `ConcurrencyLimiter`, before YARP", Yarp.Limited("ASP.NET's limiter", Room)),
        new("in the server's queue (`maxconn`)", HAProxy.Forwarding("HAProxy", Room)),
        new("at the backend, which does not answer: nginx has no queue", Nginx.Forwarding("nginx", workers: NginxWorkers)),
    ];

    public string Name => Proxy.Name;
}
