using System.CommandLine;

namespace Admission.Cli.Gateway;

/// <summary>The options of every command that asks a gateway.</summary>
internal static class GatewayOptions
{
    public const string UrlVariable = "ADMISSION_URL";
    public const string KeyVariable = "ADMISSION_KEY";
    public const string DefaultUrl = "http://127.0.0.1:8080";

    public static readonly Option<string> Url = new("--url") { HelpName = "URL", Description = $"The gateway. Default: {UrlVariable}, else {DefaultUrl}." };
    public static readonly Option<string> KeyFile = new("--key-file") { HelpName = "FILE", Description = $"A file with the API key in its first line. Default: the key in {KeyVariable}; without one the gateway must take you for local." };
    public static readonly Option<string> Timeout = new("--timeout") { HelpName = "TIME", Description = "How long one answer of the gateway may take. 100ms to 10m; default 10s." };
    public static readonly Option<bool> Json = new("--json") { Description = "Prints JSON, as the admin API has it. Durations are in seconds." };

    /// <summary>All, in the order of the help.</summary>
    public static IReadOnlyList<Option> All { get; } = [Url, KeyFile, Timeout, Json];
}
