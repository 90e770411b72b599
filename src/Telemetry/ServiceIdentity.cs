using System.Reflection;
using System.Security.Cryptography;
using Admission.Grains;
using Admission.Grains.Hosting;

namespace Admission.Telemetry;

/// <summary>What a process is called where its telemetry is collected.</summary>
/// <param name="Name">The program.</param>
/// <param name="Version">Its version.</param>
/// <param name="Instance">The process; unique.</param>
internal sealed record ServiceIdentity(string Name, string Version, string Instance)
{
    /// <summary>The identity of a host.</summary>
    /// <param name="name">The program.</param>
    /// <param name="host">Its assembly.</param>
    public static ServiceIdentity Of(string name, Assembly host) =>
        new(name, VersionView.Of(host).Version, $"{Environment.MachineName}-{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");

    /// <summary>As Prometheus shows it. Not the instance, which Prometheus names by the address.</summary>
    public KeyValuePair<string, object?>[] Target => [new("service.name", Name), new("service.version", Version), new("admission.engine", EngineInfo.Current.Name)];
}
