using System.Diagnostics.Metrics;
using Admission.Client.Telemetry;
using Admission.Frontend.Telemetry;
using Admission.Grains.Telemetry;
using Admission.Jobs.Telemetry;
using Admission.Telemetry.Prometheus;
using Microsoft.Extensions.DependencyInjection;

namespace Admission.Telemetry.Tests.Support;

/// <summary>All instruments that there are, by making them.</summary>
internal static class Instruments
{
    public static IReadOnlyList<(string Name, string Type, string Unit, string Prometheus)> All { get; } = Find();

    /// <summary>The names of all samples in Prometheus, those of histograms with their suffixes.</summary>
    public static IReadOnlySet<string> Samples { get; } = All.SelectMany(instrument => instrument.Type == "histogram"
        ? new[] { "_bucket", "_sum", "_count" }.Select(suffix => instrument.Prometheus + suffix)
        : [instrument.Prometheus]).ToHashSet(StringComparer.Ordinal);

    private static List<(string Name, string Type, string Unit, string Prometheus)> Find()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        var found = new List<(string Name, string Type, string Unit, string Prometheus)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, factory))
                {
                    var kind = PrometheusName.KindOf(instrument);
                    found.Add((instrument.Name, TypeOf(instrument), instrument.Unit ?? "", PrometheusName.Sample(PrometheusName.Of(instrument.Name, instrument.Unit, kind).Name, kind)));
                }
            },
        };
        listener.Start();
        _ = new ClientMetrics(factory, () => []);
        _ = new LedgerMetrics(factory);
        _ = new JobMetrics(factory);
        _ = new GatewayMetrics(factory);
        return found;
    }

    private static string TypeOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0].Replace("Observable", "", StringComparison.Ordinal) switch
    {
        "Counter" => "counter",
        "UpDownCounter" => "up-down counter",
        "Gauge" => "gauge",
        "Histogram" => "histogram",
        var other => other,
    };
}
