using Admission.Capacity;
using Admission.Grains.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>Reads the policies out of a gateway's configuration, for programs that are not a gateway and want what the gateway would do.</summary>
public static class PolicyFile
{
    /// <summary>Reads <c>Admission:Backends</c> of a JSON file.</summary>
    /// <param name="path">
    /// The file: a gateway's appsettings.json as it is, or only the section <c>Admission</c>. Clusters in <c>ReverseProxy</c> are looked at where policies speak of
    /// their destinations; they need not be there otherwise.
    /// </param>
    /// <param name="errors">Takes every mistake; the policies mean something only when none was added.</param>
    /// <returns>The policies by backend.</returns>
    public static IReadOnlyDictionary<string, BackendPolicy> Read(string path, ICollection<string> errors)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(errors);
        var policies = new Dictionary<string, BackendPolicy>(StringComparer.OrdinalIgnoreCase);
        var found = new List<string>();
        try
        {
            var configuration = new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(path)).Build();
            var (_, clusters) = YarpConfiguration.Read(configuration.GetSection(YarpConfiguration.SectionName), found);
            foreach (var (name, backend) in new SectionReader(configuration.GetSection(SettingsReader.SectionName), found).Children("Backends"))
            {
                var cluster = clusters.FirstOrDefault(cluster => string.Equals(cluster.ClusterId, name, StringComparison.OrdinalIgnoreCase));
                policies[name] = BackendReader.Read(backend, name, cluster).Policy;
            }

            if (policies.Count == 0)
            {
                found.Add($"there is no backend in {SettingsReader.SectionName}:Backends. Write {{\"{SettingsReader.SectionName}\":{{\"Backends\":{{\"NAME\":{{\"Limit\":8}}}}}}}}.");
            }
        }
        catch (FileNotFoundException)
        {
            found.Add("there is no such file.");
        }
        catch (Exception unreadable) when (unreadable is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            found.Add(unreadable.InnerException?.Message ?? unreadable.Message);
        }

        foreach (var error in found)
        {
            errors.Add($"{path}: {error}");
        }

        return policies;
    }
}
