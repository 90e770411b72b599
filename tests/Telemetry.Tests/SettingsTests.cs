using Microsoft.Extensions.Configuration;
using OpenTelemetry.Exporter;

namespace Admission.Telemetry.Tests;

public sealed class SettingsTests
{
    [Fact]
    public void By_default_metrics_are_for_this_machine_and_nothing_is_exported()
    {
        var settings = Read([]);
        settings.Metrics.ShouldBe(MetricsAccess.Local);
        settings.MetricsPath.ShouldBe("/metrics");
        settings.Meters.ShouldBeEmpty();
        settings.Otlp.ShouldBeNull();
    }

    [Fact]
    public void All_can_be_set()
    {
        var settings = Read(new()
        {
            ["Admission:Telemetry:Metrics"] = "everyone",
            ["Admission:Telemetry:MetricsPath"] = "/internal/metrics",
            ["Admission:Telemetry:Meters:0"] = "System.Runtime",
            ["Admission:Telemetry:Otlp:Endpoint"] = "http://collector:4318",
            ["Admission:Telemetry:Otlp:Protocol"] = "HttpProtobuf",
            ["Admission:Telemetry:Otlp:Traces"] = "false",
        });
        settings.Metrics.ShouldBe(MetricsAccess.Everyone);
        settings.MetricsPath.ShouldBe("/internal/metrics");
        settings.Meters.ShouldBe(["System.Runtime"]);
        settings.Otlp.ShouldBe(new OtlpSettings { Endpoint = new Uri("http://collector:4318"), Protocol = OtlpExportProtocol.HttpProtobuf, Traces = false });
    }

    [Theory]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")]
    [InlineData("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT")]
    public void A_standard_variable_switches_the_export_on(string variable)
    {
        var settings = Read(new() { [variable] = "http://127.0.0.1:4317" });
        settings.Otlp.ShouldBe(new OtlpSettings());
        Read(new() { [variable] = "http://127.0.0.1:4317", ["OTEL_SDK_DISABLED"] = "true" }).Otlp.ShouldBeNull();
    }

    [Theory]
    [InlineData("Metrics", "all", "Admission:Telemetry:Metrics: 'all' is not possible. Choose Off or Local or Everyone.")]
    [InlineData("MetricsPath", "metrics", "Admission:Telemetry:MetricsPath: 'metrics' is not possible. Write one such as /metrics or /internal/metrics")]
    [InlineData("MetricsPath", "/a/{b}", "Admission:Telemetry:MetricsPath: '/a/{b}' is not possible.")]
    [InlineData("Meters:0", "", "Admission:Telemetry:Meters:0: a name of 0 characters is not possible.")]
    [InlineData("Otlp:Endpoint", "collector:4317", "Admission:Telemetry:Otlp:Endpoint: 'collector:4317' is not an address. Give one such as http://127.0.0.1:4317.")]
    [InlineData("Otlp:Protocol", "http", "Admission:Telemetry:Otlp:Protocol: 'http' is not possible. Choose Grpc or HttpProtobuf.")]
    [InlineData("Metrix", "Off", "Admission:Telemetry:Metrix: there is no such setting. Did you mean 'Metrics'?")]
    public void Mistakes_name_the_setting_and_the_remedy(string key, string value, string expected)
    {
        var errors = new List<string>();
        TelemetryReader.Read(new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [$"Admission:Telemetry:{key}"] = value }).Build(), errors);
        errors.ShouldHaveSingleItem().ShouldStartWith(expected);
    }

    private static TelemetrySettings Read(Dictionary<string, string?> settings)
    {
        var errors = new List<string>();
        var read = TelemetryReader.Read(new ConfigurationBuilder().AddInMemoryCollection(settings).Build(), errors);
        errors.ShouldBeEmpty();
        return read;
    }
}
