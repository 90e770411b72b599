using System.Reflection;

namespace Admission.Cli;

/// <summary>The version of this command line.</summary>
internal static class CliVersion
{
    /// <summary>As in <c>0.1.0</c>.</summary>
    public static string Current { get; } = (typeof(CliVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0").Split('+')[0];
}
