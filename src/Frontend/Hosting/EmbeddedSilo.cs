using System.Net;
using System.Net.Sockets;
using Admission.Grains;
using Orleans.Hosting;

namespace Admission.Frontend.Hosting;

/// <summary>The embedded default: the silo runs in the gateway's process, with its state in local files.</summary>
internal static class EmbeddedSilo
{
    /// <summary>Sets the silo up.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="dataFolder">Where the state is kept.</param>
    /// <exception cref="Grains.Storage.DataFolderException">The folder cannot be used.</exception>
    public static void Configure(ISiloBuilder silo, string dataFolder)
    {
        // No other process talks to this silo. It needs a port of its own all the same, because a second gateway may run on this machine.
        silo.UseLocalhostClustering(FreePort(), gatewayPort: 0);
        silo.AddAdmissionGrains(dataFolder);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
