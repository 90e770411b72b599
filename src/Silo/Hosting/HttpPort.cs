using System.Net;
using Admission.Grains.Cluster;

namespace Admission.Silo.Hosting;

/// <summary>Where the silo answers about its health if nothing says where: held until the server listens there.</summary>
internal sealed class HttpPort : IDisposable
{
    private ReservedPort? _reserved;

    /// <summary>Takes the port, or any that is free.</summary>
    /// <returns>The address.</returns>
    public string Take(IPAddress address, int port)
    {
        _reserved = ReservedPort.TakeOrAny(address, port);
        return $"http://{address}:{_reserved.Port}";
    }

    public void Dispose() => _reserved?.Dispose();
}
