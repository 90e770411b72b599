using System.Diagnostics.Metrics;
using Admission.Telemetry.Prometheus;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Admission.Telemetry.Tests.Support;

/// <summary>A host's meters, and what is shown of them.</summary>
internal sealed class TestMeters : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public TestMeters(params string[] more)
    {
        Meter = Factory.Create("Admission.Test");
        Collector = new MetricsCollector(Factory, NullLogger<MetricsCollector>.Instance, more, new KeyValuePair<string, object?>("service.name", "test"));
    }

    public IMeterFactory Factory => _services.GetRequiredService<IMeterFactory>();

    public Meter Meter { get; }

    public MetricsCollector Collector { get; }

    public async Task<string> TextAsync(ExpositionFormat format = ExpositionFormat.Text) => (await Collector.CollectAsync(format, CancellationToken.None)).ToString();

    /// <summary>The lines of one family.</summary>
    public async Task<string[]> LinesAsync(string family, ExpositionFormat format = ExpositionFormat.Text) =>
        [.. (await TextAsync(format)).Split('\n').Where(line => line.Contains(family, StringComparison.Ordinal))];

    public void Dispose()
    {
        Collector.Dispose();
        _services.Dispose();
    }
}
