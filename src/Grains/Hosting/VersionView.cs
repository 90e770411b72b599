using System.Reflection;

namespace Admission.Grains.Hosting;

/// <summary>What runs: the answer of <c>/admission/v1/version</c>.</summary>
internal sealed record VersionView(string Product, string Version, EngineInfo Engine)
{
    /// <summary>The version of a host.</summary>
    public static VersionView Of(Assembly host)
    {
        var version = host.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? host.GetName().Version?.ToString() ?? "";
        return new VersionView("Admission", version.Split('+')[0], EngineInfo.Current);
    }
}
