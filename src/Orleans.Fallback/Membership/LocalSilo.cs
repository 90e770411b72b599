using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>Who this silo is: the same for its whole run.</summary>
internal sealed class LocalSilo
{
    private static readonly DateTimeOffset Epoch = new(2022, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static int _lastGeneration;

    public LocalSilo(IOptions<EndpointOptions> endpoint, IOptions<SiloOptions> silo, TimeProvider time)
    {
        var options = endpoint.Value;
        Address = SiloAddress.New(new IPEndPoint(options.AdvertisedIPAddress ?? IPAddress.Loopback, options.SiloPort), NewGeneration(time));
        GatewayPort = options.GatewayPort;
        Name = silo.Value.SiloName;
    }

    /// <summary>Where the others reach it, and which run it is.</summary>
    public SiloAddress Address { get; }

    /// <summary>Where clients reach it, at the same IP address; 0 for nowhere.</summary>
    public int GatewayPort { get; }

    /// <summary>Its name, for logs.</summary>
    public string Name { get; }

    /// <summary>Seconds since 2022, and more than any other silo of this process has.</summary>
    private static int NewGeneration(TimeProvider time)
    {
        var now = (int)(time.GetUtcNow() - Epoch).TotalSeconds;
        while (true)
        {
            var last = Volatile.Read(ref _lastGeneration);
            var next = Math.Max(now, last + 1);
            if (Interlocked.CompareExchange(ref _lastGeneration, next, last) == last)
            {
                return next;
            }
        }
    }
}
