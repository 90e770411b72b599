using Admission.Bench.Proxies.Load;
using Admission.Bench.Proxies.Peers;

namespace Admission.Bench.Proxies.Parts;

/// <summary>What is offered to whom in the part overload. Who says the same as another is left out, so that three rounds take six minutes.</summary>
internal static class OverloadPlan
{
    public const int Limit = 8;
    public const double Capacity = Limit * 1000 / Outcome.WorkMs;

    private const int Queue = 100;

    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private static readonly Bound Refuse = new(Limit, 0, TimeSpan.Zero);
    private static readonly Bound Wait = new(Limit, Queue, TimeSpan.FromMilliseconds(500));

    public static readonly Demand TenTimes = Demand.Open($"{10 * Capacity:#,0}/s", 10 * Capacity, Patience);
    private static readonly Demand Few = Demand.Closed(64);
    private static readonly Demand Many = Demand.Closed(512);
    private static readonly Demand Slightly = Demand.Open($"{1.1 * Capacity:0}/s", 1.1 * Capacity, Patience);

    public static readonly Peer OneGateway = Gateway.Alone($"Admission, queue {Queue}", Wait);
    public static readonly Peer Haproxy = HAProxy.Forwarding($"HAProxy `maxconn {Limit}`, queue {Queue}", Wait);
    public static readonly Peer[] Clusters = [Cluster(2), Cluster(4)];

    private static readonly Peer[] Queueing = [Haproxy, Yarp.Limited($"ASP.NET's limiter, queue {Queue}", Wait), OneGateway];
    private static readonly Peer[] Refusing = [Nginx.Forwarding($"nginx `limit_conn {Limit}`", Limit), Gateway.Alone("Admission, refuse", Refuse)];
    private static readonly Peer Nginx4 = SideBySide(2, "nginx `limit_conn 4`", Nginx.Forwarding("", 4));
    private static readonly Peer Limiter4 = SideBySide(2, "ASP.NET's limiter 4", Yarp.Limited("", Wait with { Limit = 4 }));
    private static readonly Peer Haproxy4 = SideBySide(2, "HAProxy `maxconn 4`", HAProxy.Forwarding("", Wait with { Limit = 4 }));
    private static readonly Peer Haproxy8 = SideBySide(2, $"HAProxy `maxconn {Limit}`", Haproxy);
    private static readonly Peer[] FourApart =
    [
        SideBySide(4, "nginx `limit_conn 2`", Nginx.Forwarding("", 2)), SideBySide(4, "HAProxy `maxconn 2`", HAProxy.Forwarding("", Wait with { Limit = 2 })),
        SideBySide(4, "ASP.NET's limiter 2", Yarp.Limited("", Wait with { Limit = 2 })),
    ];

    /// <summary>Never idle: twice as many clients as workers, and nobody between.</summary>
    public static readonly Cell Ideal = new(Peer.Direct, Demand.Closed(2 * Limit));

    /// <summary>As many clients as workers: what the way from a worker to its client and back costs where nothing stands between.</summary>
    public static readonly Cell Bare = new(Peer.Direct with { Name = $"no proxy, {Limit} clients" }, Demand.Closed(Limit));

    public static readonly Cell[] One =
    [
        Bare, .. Of([.. Refusing, .. Queueing], Few), .. Of([Haproxy, OneGateway], Many), .. Of([Refusing[0], .. Queueing], TenTimes),
    ];

    public static readonly Cell[] Several =
    [
        .. Of([Nginx4, Haproxy4, Haproxy8, Limiter4, Clusters[0]], Uneven(Slightly)), .. Of([Haproxy4, Clusters[0]], Uneven(Few)), .. Of([Haproxy4, Clusters[0]], Uneven(Many)),
        .. Of([Haproxy8, Clusters[0]], Uneven(TenTimes)), .. Of([.. FourApart, Clusters[1]], Uneven(Slightly)), .. Of([FourApart[1], Clusters[1]], Uneven(Many)),
    ];

    private static Peer Cluster(int gateways) => Gateway.Cluster($"{gateways} x Admission, one cluster", gateways, Wait);

    private static Peer SideBySide(int count, string name, Peer each) => Peer.SideBySide(count, $"{count} x {name}", each);

    private static Demand Uneven(Demand demand) => demand with { Name = $"{demand.Name}, 90/10" };

    private static IEnumerable<Cell> Of(IEnumerable<Peer> peers, Demand demand) => peers.Select(peer => new Cell(peer, demand));

    /// <summary>One peer under one load.</summary>
    internal sealed record Cell(Peer Peer, Demand Demand);
}
