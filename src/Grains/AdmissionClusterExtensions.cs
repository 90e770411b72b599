using Admission.Grains.Cluster;
using Admission.Grains.Configuration;

namespace Microsoft.Extensions.Hosting;

/// <summary>Makes a program a client of an Admission cluster.</summary>
public static class AdmissionClusterExtensions
{
    /// <summary>
    /// Adds an Orleans client of the silos of the cluster that the section <c>Cluster</c> of the configuration names, with the handshake that they ask for. It connects
    /// in the background, as soon as there is a silo; in a gateway with <c>AddAdmission()</c> requests are refused with <c>starting</c> until then. In place of <c>UseOrleansClient</c>.
    /// </summary>
    /// <param name="builder">The host.</param>
    /// <returns>The same host.</returns>
    /// <exception cref="AdmissionConfigurationException">The section is missing or has mistakes; all of them are listed.</exception>
    public static IHostApplicationBuilder UseAdmissionCluster(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var mistakes = new List<string>();
        var settings = ClusterSettingsReader.Read(builder.Configuration, mistakes);
        if (settings is null)
        {
            mistakes.Add($"{ClusterSettingsReader.ConnectionStringKey}: missing. Give the PostgreSQL database of the cluster.");
        }

        if (settings is null || mistakes.Count > 0)
        {
            throw new AdmissionConfigurationException(mistakes);
        }

        builder.Services.AddClusterClient(settings);
        return builder;
    }
}
