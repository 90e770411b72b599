using Admission.Frontend.Configuration;
using Admission.Grains.Cluster;
using Admission.Grains.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Cli.Check;

/// <summary>Checks files by the gateway's own rules (<see cref="ConfigurationGate"/>), and finds the file that each mistake is in.</summary>
internal static class ConfigCheck
{
    /// <summary>Checks them.</summary>
    /// <param name="files">The files.</param>
    /// <param name="together">They are one configuration.</param>
    /// <param name="inCluster">The gateway joins a cluster, whether or not the configuration says so.</param>
    public static async Task<IReadOnlyList<CheckReport>> RunAsync(IReadOnlyList<string> files, bool together, bool inCluster)
    {
        var reports = new List<CheckReport>();
        var layers = new List<ConfigLayer>();
        foreach (var file in files)
        {
            var (found, mistake) = ConfigLayer.Read(file);
            layers.AddRange(found);
            if (mistake is not null)
            {
                reports.Add(new CheckReport(file, 0, [mistake]));
            }
        }

        if (!together)
        {
            foreach (var layer in layers)
            {
                reports.Add(await CheckAsync([layer], inCluster));
            }
        }
        else if (reports.Count == 0 && layers.Count > 0)
        {
            // With one of them missing, everything that it has would be a mistake of the others.
            reports.Add(await CheckAsync(layers, inCluster));
        }

        return reports;
    }

    private static async Task<CheckReport> CheckAsync(IReadOnlyList<ConfigLayer> layers, bool inCluster)
    {
        var builder = new ConfigurationBuilder();
        foreach (var layer in layers)
        {
            builder.AddInMemoryCollection(layer.Settings);
        }

        var configuration = builder.Build();
        var errors = new List<string>();
        var cluster = ClusterSettingsReader.Read(configuration, errors);
        await using var rules = new ServiceCollection().AddLogging().AddReverseProxy().Services.BuildServiceProvider();
        errors.AddRange(await ConfigurationGate.CheckAsync(configuration, rules.GetRequiredService<IConfigValidator>(), inCluster || cluster is not null));
        if (!configuration.GetSection(YarpConfiguration.SectionName).GetChildren().Any())
        {
            errors.Add($"{YarpConfiguration.SectionName}: there is none, so the gateway would stand in front of its own sample. Give Routes and Clusters.");
        }

        var backends = configuration.GetSection($"{SettingsReader.SectionName}:Backends").GetChildren().Count();
        return new CheckReport(string.Join(" + ", layers.Select(layer => layer.Name)), backends, [.. errors.Distinct(StringComparer.Ordinal).Select(error => Place(error, layers))]);
    }

    /// <summary>Splits a message into key and words, and finds the last file that has the key; of a setting that is missing, the one that has what it would stand in.</summary>
    private static Mistake Place(string error, IReadOnlyList<ConfigLayer> layers)
    {
        var split = error.IndexOf(": ", StringComparison.Ordinal);
        var key = split > 0 && !error.AsSpan(0, split).Contains(' ') ? error[..split] : null;
        for (var prefix = key; prefix is not null; prefix = prefix.LastIndexOf(':') is > 0 and var end ? prefix[..end] : null)
        {
            if (layers.LastOrDefault(layer => layer.Has(prefix)) is { } found)
            {
                return new Mistake(found.Name, key, error[(split + 2)..]);
            }
        }

        return key is null ? new Mistake(layers[^1].Name, null, error) : new Mistake(layers[^1].Name, key, error[(split + 2)..]);
    }
}
