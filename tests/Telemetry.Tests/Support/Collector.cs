using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Admission.Telemetry.Tests.Support;

/// <summary>Servers on free ports for tests of a gateway: one that collects OTLP, and a backend.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private const int GrpcPrefix = 5;

    private readonly WebApplication _app;
    private readonly ConcurrentQueue<byte[]> _traces = new();
    private readonly ConcurrentQueue<byte[]> _metrics = new();

    private Collector(HttpProtocols protocols, RequestDelegate answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        _app = builder.Build();
        _app.Run(answer);
    }

    public string Address { get; private set; } = "";

    public IReadOnlyList<ReceivedSpan> Spans => [.. _traces.SelectMany(Protobuf.Spans)];

    public IReadOnlyList<string> Metrics => [.. _metrics.SelectMany(Protobuf.Metrics).Distinct()];

    public IReadOnlyList<(string Key, string Value)> Resource => [.. _traces.Take(1).SelectMany(Protobuf.Resource)];

    /// <summary>A collector that speaks gRPC, or HTTP.</summary>
    public static async Task<Collector> StartAsync(bool grpc)
    {
        Collector? collector = null;
        collector = new Collector(grpc ? HttpProtocols.Http2 : HttpProtocols.Http1, context => collector!.CollectAsync(context, grpc));
        return await collector.StartAsync();
    }

    /// <summary>A backend.</summary>
    public static Task<Collector> BackendAsync(RequestDelegate answer) => new Collector(HttpProtocols.Http1, answer).StartAsync();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<Collector> StartAsync()
    {
        await _app.StartAsync();
        Address = _app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        return this;
    }

    private async Task CollectAsync(HttpContext context, bool grpc)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var path = context.Request.Path.Value!;
        var received = path is "/v1/traces" || path.EndsWith("TraceService/Export", StringComparison.Ordinal) ? _traces
            : path is "/v1/metrics" || path.EndsWith("MetricsService/Export", StringComparison.Ordinal) ? _metrics
            : throw new InvalidOperationException($"Nobody exports to {path}.");
        received.Enqueue(grpc ? body.ToArray()[GrpcPrefix..] : body.ToArray());
        if (grpc)
        {
            context.Response.ContentType = "application/grpc";
            context.Response.AppendTrailer("grpc-status", "0");
            await context.Response.Body.WriteAsync(new byte[GrpcPrefix]);
        }
    }
}
