using System.Collections.Frozen;
using Admission.Capacity;
using Admission.Grains.Cluster;
using Admission.Grains.Configuration;
using Admission.Security.Configuration;
using Admission.Telemetry;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>Reads the section <c>Admission</c> against the clusters that there are, and reports every mistake at once.</summary>
internal static class SettingsReader
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Admission";

    private static readonly TimeSpan LongestShutdown = TimeSpan.FromHours(1);

    /// <summary>Reads the settings.</summary>
    /// <param name="section">The section.</param>
    /// <param name="clusters">YARP's clusters.</param>
    /// <param name="inCluster">Whether calls to ledgers go over a network, which asks for longer leases.</param>
    /// <param name="errors">Takes the mistakes; the settings mean something only when none was added.</param>
    public static AdmissionSettings Read(IConfigurationSection section, IReadOnlyList<ClusterConfig> clusters, bool inCluster, List<string> errors)
    {
        var reader = new SectionReader(section, errors);
        var defaults = new AdmissionSettings();
        var (buffers, jobs) = (reader.Child("Buffers"), reader.Child("Jobs"));
        var settings = new AdmissionSettings
        {
            DataFolder = reader.Text("DataFolder"),
            ShutdownTimeout = reader.Duration("ShutdownTimeout", defaults.ShutdownTimeout, TimeSpan.Zero, LongestShutdown),
            BufferMemory = Within(buffers, "Memory", buffers.Bytes("Memory") ?? defaults.BufferMemory, 1L << 40),
            BufferDisk = Within(buffers, "Disk", buffers.Bytes("Disk") ?? defaults.BufferDisk, 1L << 50),
            MaxWatching = jobs.Count("MaxWatching", defaults.MaxWatching, 0, 1_000_000),
            Recorder = RecorderReader.Read(reader.Child("Recorder")),
            Security = SecurityReader.Read(reader.Child("Security")),
            Telemetry = TelemetryReader.Read(reader.Child("Telemetry")),
            Backends = ReadBackends(reader, clusters),
        };
        buffers.RefuseTheRest();
        jobs.RefuseTheRest();
        reader.RefuseTheRest();
        if (inCluster)
        {
            CheckLeases(section, settings, errors);
        }

        return settings;
    }

    private static void CheckLeases(IConfigurationSection section, AdmissionSettings settings, List<string> errors)
    {
        foreach (var (name, backend) in settings.Backends)
        {
            if (ClusterTimes.CheckLease(backend.Policy.LeaseTtl) is { } wrong)
            {
                errors.Add($"{section.Path}:Backends:{name}:LeaseTtl: {wrong}");
            }
            else if (backend.ShadowPolicy is { } shadow && ClusterTimes.CheckLease(shadow.LeaseTtl) is { } wrongInShadow)
            {
                errors.Add($"{section.Path}:Backends:{name}:{ProposedPolicy.Key}:LeaseTtl: {wrongInShadow}");
            }
        }
    }

    private static FrozenDictionary<string, BackendSettings> ReadBackends(SectionReader reader, IReadOnlyList<ClusterConfig> clusters)
    {
        var backends = new Dictionary<string, BackendSettings>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, backend) in reader.Children("Backends"))
        {
            var cluster = clusters.FirstOrDefault(cluster => string.Equals(cluster.ClusterId, name, StringComparison.OrdinalIgnoreCase));
            if (cluster is null)
            {
                var known = clusters.Select(each => each.ClusterId);
                backend.Error("", $"there is no cluster '{name}' in ReverseProxy:Clusters.{Spelling.DidYouMean(name, known)} A policy has the name of its cluster.");
            }

            if (CapacityGrainKey.IsShadow(name))
            {
                backend.Error("", "a name with this end is kept for what is decided in shadow. Give the cluster another.");
            }

            backends.Add(name, BackendReader.Read(backend, name, cluster));
        }

        return backends.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Checks that a value is from zero to a bound.</summary>
    internal static long Within(SectionReader reader, string key, long value, long most)
    {
        if (value < 0 || value > most)
        {
            reader.Error(key, $"{value} is not possible. Give a size from 0 to {ByteSizes.Format(most)}.");
        }

        return value;
    }
}
