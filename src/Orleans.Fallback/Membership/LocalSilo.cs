using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>Who this silo is: the same for its whole run.</summary>
internal sealed class LocalSilo
{
    public LocalSilo(IOptions<EndpointOptions> endpoint, IOptions<SiloOptions> silo)
    {
        var options = endpoint.Value;
        Address = SiloAddress.New(new IPEndPoint(options.AdvertisedIPAddress ?? IPAddress.Loopback, options.SiloPort), SiloAddress.AllocateNewGeneration());
        GatewayPort = options.GatewayPort;
        Name = silo.Value.SiloName;
    }

    /// <summary>Where the others reach it, and which run it is.</summary>
    public SiloAddress Address { get; }

    /// <summary>Where clients reach it, at the same IP address; 0 for nowhere.</summary>
    public int GatewayPort { get; }

    /// <summary>Its name, for logs.</summary>
    public string Name { get; }
}
