using Admission.Grains;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace Admission.Handover;

/// <summary>The one silo: the capacity grains with their state in files, and the no-op grain that they are measured against.</summary>
internal static class Silo
{
    public static async Task RunAsync(int port, int gateway, string folder)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.UseOrleans(silo => silo.UseLocalhostClustering(port, gateway).AddAdmissionGrains(folder));
        using var host = builder.Build();
        await host.RunAsync();
    }
}
