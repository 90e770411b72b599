using System.Text;
using Admission.Grains;
using Admission.Grains.Cluster;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Admission.Silo.Hosting;

/// <summary>What the silo says once it answers about its health; whether it has joined is in the log.</summary>
internal static class SiloBanner
{
    /// <summary>Where it is to be found.</summary>
    public static string Text(WebApplication app, ClusterSettings settings, SiloPorts ports)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var text = new StringBuilder()
            .AppendLine($"Admission silo of the cluster '{settings.ClusterId}' (engine: {EngineInfo.Current}).")
            .AppendLine($"  Silos      {settings.AdvertisedAddress}:{ports.Silo}{Listening(settings, ports.Silo, ports.SiloListen)}")
            .AppendLine($"  Frontends  {settings.AdvertisedAddress}:{ports.Gateway}{Listening(settings, ports.Gateway, ports.GatewayListen)}")
            .AppendLine($"  Dashboard  {addresses.FirstOrDefault()}{DashboardApplicationBuilderExtensions.DashboardPath}")
            .Append($"  Health     {addresses.FirstOrDefault()}/health/ready");
        if (System.Net.IPAddress.IsLoopback(settings.AdvertisedAddress))
        {
            text.AppendLine().Append("Only processes on this machine reach it. For others: --address IP.");
        }

        return text.ToString();
    }

    private static string Listening(ClusterSettings settings, int port, int listen) =>
        port == listen && settings.ListenAddress.Equals(settings.AdvertisedAddress) ? "" : $" (listens at {settings.ListenAddress}:{listen})";
}
