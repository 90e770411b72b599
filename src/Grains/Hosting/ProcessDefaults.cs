using Admission.Grains.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;

namespace Admission.Grains.Hosting;

/// <summary>What gateway and silo have in common as processes.</summary>
internal static class ProcessDefaults
{
    /// <summary>The exit code for mistakes of whoever started it.</summary>
    public const int WrongUse = 2;

    private static readonly Dictionary<string, string?> Logging = new(StringComparer.OrdinalIgnoreCase)
    {
        // Nothing is logged for each request.
        ["Logging:LogLevel:Default"] = "Information",
        ["Logging:LogLevel:Microsoft.AspNetCore"] = "Warning",
        // As long as any level of it is on, ASP.NET makes an activity and a scope for each request, and the HTTP client another. Whoever traces (an ActivityListener) gets them anyway.
        ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "None",
        ["Logging:LogLevel:Microsoft.Hosting.Lifetime"] = "Warning",
        ["Logging:LogLevel:Npgsql"] = "Warning",
        ["Logging:LogLevel:Orleans"] = "Warning",
        ["Logging:LogLevel:Yarp"] = "Warning",
    };

    /// <summary>Adds the weakest source of all: whoever says anything else is heard.</summary>
    /// <param name="configuration">The host's configuration.</param>
    /// <param name="url">Where to listen when nothing says where; asked only then.</param>
    public static void Add(ConfigurationManager configuration, Func<string> url)
    {
        var defaults = new Dictionary<string, string?>(Logging, StringComparer.OrdinalIgnoreCase);
        if (configuration["urls"] is null && configuration["http_ports"] is null && configuration["https_ports"] is null
            && !configuration.GetSection("Kestrel:Endpoints").Exists())
        {
            defaults["urls"] = url();
        }

        if (!AsksForScopes(configuration))
        {
            // Kestrel's scope for each connection: 0.4 KiB, and a context that every step of every request on it carries along.
            defaults["Logging:CaptureScopes"] = "false";
        }

        ((IConfigurationBuilder)configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = defaults });
    }

    /// <summary>Whether some way of logging writes scopes (<c>IncludeScopes</c>): else nobody would see them.</summary>
    private static bool AsksForScopes(ConfigurationManager configuration)
    {
        foreach (var (key, value) in configuration.GetSection("Logging").AsEnumerable())
        {
            if (key.EndsWith(":IncludeScopes", StringComparison.OrdinalIgnoreCase) && bool.TryParse(value, out var includes) && includes)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Lists the mistakes that keep it from starting.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> FailAsync(TextWriter errors, IReadOnlyList<string> mistakes)
    {
        await errors.WriteLineAsync($"Admission cannot start because of {AdmissionConfigurationException.Count(mistakes)}:");
        await errors.WriteLineAsync(AdmissionConfigurationException.Lines(mistakes));
        return WrongUse;
    }

    /// <summary>Whether the server's address is taken.</summary>
    public static bool AddressInUse(Exception exception) => exception is IOException { InnerException: AddressInUseException };

    /// <summary>What to do about an address that is taken.</summary>
    public static string ExplainAddressInUse(Exception exception) =>
        $"{exception.Message.TrimEnd('.')}. Stop what listens there, or choose another address with --urls http://127.0.0.1:PORT.";
}
