using System.Text;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Sample;
using Admission.Grains;
using Admission.Grains.Cluster;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Admission.Frontend.Hosting;

/// <summary>What the gateway says once it listens.</summary>
internal static class Banner
{
    /// <summary>Where to look, and what to try.</summary>
    public static string Text(WebApplication app, SampleBackend? sample)
    {
        var addresses = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        var address = addresses.FirstOrDefault() ?? "";
        var local = address.Replace("[::]", "127.0.0.1", StringComparison.Ordinal).Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal);
        var text = new StringBuilder()
            .AppendLine($"Admission listens on {string.Join(", ", addresses)} (engine: {EngineInfo.Current}).")
            .AppendLine(app.Services.GetService<ClusterSettings>() is { } cluster
                ? $"  Cluster   '{cluster.ClusterId}', whose silos share the limits; the state is in PostgreSQL"
                : "  Cluster   none: this process has the only silo, and the state in local files")
            .AppendLine($"  Dashboard {local}{DashboardApplicationBuilderExtensions.DashboardPath}")
            .AppendLine($"  Backends  {local}/admission/v1/backends")
            .Append($"  Health    {local}/health/ready");
        foreach (var backend in app.Services.GetRequiredService<BackendTable>().Settings.Backends.Values.Where(backend => !backend.IsEnforced))
        {
            text.AppendLine().Append($"  NOT PROTECTED: backend '{backend.ClusterId}'. Shadow is true, so its policy is only decided and counted");
        }

        if (sample is not null)
        {
            text.AppendLine().AppendLine()
                .AppendLine("Nothing is configured, so it stands in front of a sample backend: two destinations that do one thing at a time, 200 ms each.")
                .AppendLine("Ten requests at once, of which never more than two run:")
                .AppendLine()
                .AppendLine($"  for i in $(seq 10); do curl -s {local}/ & done; wait")
                .AppendLine()
                .Append("In front of your own server: --to http://127.0.0.1:8000 --limit 8 --queue 100. See --help.");
        }

        return text.ToString();
    }
}
