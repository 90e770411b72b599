using System.Globalization;
using Admission.Grains.Configuration;
using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;

namespace Admission.Telemetry;

/// <summary>Reads <c>Admission:Telemetry</c>, and what the standard variables of OpenTelemetry say beside it.</summary>
internal static class TelemetryReader
{
    /// <summary>The section in the host's configuration.</summary>
    public const string SectionName = "Admission:Telemetry";

    private const int MostMeters = 50;
    private const int LongestMeter = 200;

    // Any of them says that somebody collects.
    private static readonly string[] Endpoints = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"];

    /// <summary>Reads the section; mistakes go to the list.</summary>
    /// <param name="configuration">The host's configuration, which has environment variables in it.</param>
    /// <param name="errors">Takes the mistakes; the settings mean something only when none was added.</param>
    public static TelemetrySettings Read(IConfiguration configuration, List<string> errors)
    {
        var reader = new SectionReader(configuration.GetSection(SectionName), errors);
        var settings = Read(reader);
        if (string.Equals(configuration["OTEL_SDK_DISABLED"], "true", StringComparison.OrdinalIgnoreCase))
        {
            return settings with { Otlp = null };
        }

        return settings.Otlp is null && Array.Exists(Endpoints, name => !string.IsNullOrWhiteSpace(configuration[name])) ? settings with { Otlp = new OtlpSettings() } : settings;
    }

    /// <summary>Reads the section alone.</summary>
    public static TelemetrySettings Read(SectionReader reader)
    {
        var defaults = new TelemetrySettings();
        var access = reader.Choice(
            "Metrics", ("Off", MetricsAccess.Off), ("Local", MetricsAccess.Local), ("Everyone", MetricsAccess.Everyone));
        var settings = new TelemetrySettings
        {
            Metrics = access ?? defaults.Metrics,
            MetricsPath = Path(reader) ?? defaults.MetricsPath,
            Meters = Meters(reader),
            Otlp = Otlp(reader.Child("Otlp")),
        };
        reader.RefuseTheRest();
        return settings;
    }

    private static string? Path(SectionReader reader)
    {
        if (reader.Text("MetricsPath")?.Trim() is not { } path)
        {
            return null;
        }

        // A route's pattern has its own signs.
        if (path.Length < 2 || path[0] != '/' || path[^1] == '/' || path.Any(letter => !char.IsAsciiLetterOrDigit(letter) && !"/-_.".Contains(letter, StringComparison.Ordinal)))
        {
            reader.Error("MetricsPath", $"'{path}' is not possible. Write one such as /metrics or /internal/metrics, of letters, digits, '-', '_' and '.'.");
        }

        return path;
    }

    private static List<string> Meters(SectionReader reader)
    {
        var meters = new List<string>();
        foreach (var (name, child) in reader.Children("Meters"))
        {
            var meter = child.Value?.Trim() ?? "";
            if (meter.Length is 0 or > LongestMeter)
            {
                reader.Error($"Meters:{name}", $"a name of {meter.Length} characters is not possible. Give one such as System.Runtime.");
            }

            meters.Add(meter);
        }

        if (meters.Count > MostMeters)
        {
            reader.Error("Meters", string.Create(CultureInfo.InvariantCulture, $"{meters.Count} are too many. Give at most {MostMeters}."));
        }

        return meters;
    }

    private static OtlpSettings? Otlp(SectionReader reader)
    {
        var endpoint = reader.Text("Endpoint")?.Trim();
        var settings = new OtlpSettings
        {
            Endpoint = Address(reader, endpoint),
            Protocol = reader.Choice("Protocol", ("Grpc", OtlpExportProtocol.Grpc), ("HttpProtobuf", OtlpExportProtocol.HttpProtobuf)),
            Metrics = reader.Switch("Metrics") ?? true,
            Traces = reader.Switch("Traces") ?? true,
        };
        reader.RefuseTheRest();
        return reader.IsGiven ? settings : null;
    }

    private static Uri? Address(SectionReader reader, string? text)
    {
        if (text is null)
        {
            return null;
        }

        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps))
        {
            return uri;
        }

        reader.Error("Endpoint", $"'{text}' is not an address. Give one such as http://127.0.0.1:4317.");
        return null;
    }
}
