using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Admission.Telemetry.Otlp;

/// <summary>Exports metrics and spans by OTLP, as long as the host runs. What is collected goes out when it stops.</summary>
internal sealed class OtlpExport(OtlpSettings settings, IReadOnlyList<string> meters, ServiceIdentity service) : IHostedLifecycleService, IDisposable
{
    /// <summary>Of a request's way through the gateway: the server's span, the wait, the proxy's, and that of the connection to the backend. Listening to them is what makes the server begin spans.</summary>
    private static readonly string[] Sources = ["Admission", "Microsoft.AspNetCore", "Yarp.ReverseProxy", "System.Net.Http"];

    private const string Meters = "Admission.*";

    private MeterProvider? _meters;
    private TracerProvider? _tracer;

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        if (settings.Metrics)
        {
            _meters = Sdk.CreateMeterProviderBuilder()
                .ConfigureResource(Describe)
                .AddMeter([Meters, .. meters])
                .AddOtlpExporter(options => Configure(options, "v1/metrics"))
                .Build();
        }

        if (settings.Traces)
        {
            _tracer = Sdk.CreateTracerProviderBuilder()
                .ConfigureResource(Describe)
                .AddSource(Sources)
                .AddOtlpExporter(options => Configure(options, "v1/traces"))
                .Build();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        // After the server, so that the last requests are in it.
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _meters?.Dispose();
        _tracer?.Dispose();
        _meters = null;
        _tracer = null;
    }

    // The variables go before the name: OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES.
    private void Describe(ResourceBuilder resource) =>
        resource.Clear().AddService(service.Name, serviceVersion: service.Version, serviceInstanceId: service.Instance).AddTelemetrySdk().AddEnvironmentVariableDetector();

    private void Configure(OtlpExporterOptions options, string path)
    {
        options.Protocol = settings.Protocol ?? options.Protocol;
        if (settings.Endpoint is { } endpoint)
        {
            // An endpoint of the variables gets the path of its signal by the exporter itself, one of the program does not.
            options.Endpoint = options.Protocol == OtlpExportProtocol.HttpProtobuf ? new Uri($"{endpoint.AbsoluteUri.TrimEnd('/')}/{path}") : endpoint;
        }
    }
}
