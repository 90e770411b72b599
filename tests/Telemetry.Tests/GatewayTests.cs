using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Admission.Telemetry.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Admission.Telemetry.Tests;

/// <summary>Traces and metrics of a running gateway. One at a time: whoever traces listens to the whole process.</summary>
public sealed class GatewayTests
{
    private const string State = "vendor=value";

    [Fact]
    public async Task Without_tracing_the_context_of_a_client_passes_through_as_it_came()
    {
        var seen = new ConcurrentQueue<(string Parent, string State)>();
        await using var backend = await Collector.BackendAsync(context =>
        {
            seen.Enqueue((context.Request.Headers.TraceParent.ToString(), context.Request.Headers.TraceState.ToString()));
            return context.Response.WriteAsync("done");
        });
        await using var gateway = await GatewayUnderTest.StartAsync(backend.Address, "--limit", "1");
        var parent = $"00-{ActivityTraceId.CreateRandom()}-{ActivitySpanId.CreateRandom()}-01";
        await SendAsync(gateway, parent);
        await SendAsync(gateway, null);
        seen.ShouldBe([(parent, State), ("", State)]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_OTLP_a_wait_is_part_of_the_trace_and_the_backend_is_told_of_it(bool grpc)
    {
        var seen = new ConcurrentDictionary<string, string>();
        var letGo = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var backend = await Collector.BackendAsync(async context =>
        {
            seen[context.Request.Path.Value!] = context.Request.Headers.TraceParent.ToString();
            context.Response.Headers["X-State"] = context.Request.Headers.TraceState.ToString();
            await (context.Request.Path.Value == "/first" ? letGo.Task : Task.CompletedTask);
            await context.Response.WriteAsync("done");
        });
        await using var collector = await Collector.StartAsync(grpc);
        var (trace, span) = (ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom());
        await using (var gateway = await GatewayUnderTest.StartAsync(
            backend.Address, "--limit", "1", "--queue", "10", "--Admission:Telemetry:Otlp:Endpoint", collector.Address, "--Admission:Telemetry:Otlp:Protocol", grpc ? "Grpc" : "HttpProtobuf"))
        {
            var first = SendAsync(gateway, null, "/first");
            await Until.TrueAsync(() => seen.ContainsKey("/first"), TimeSpan.FromSeconds(20), () => "The first does not arrive.");
            var second = SendAsync(gateway, $"00-{trace}-{span}-01", "/second");
            await Until.TrueAsync(
                async () => (await gateway.Http.GetStringAsync("/metrics")).Contains("admission_holder_requests_waiting{admission_backend=\"backend\"} 1", StringComparison.Ordinal),
                TimeSpan.FromSeconds(20), () => "The second does not wait.");
            letGo.SetResult();
            (await first).EnsureSuccessStatusCode();
            (await second).Headers.GetValues("X-State").ShouldBe([State]);
        }

        var spans = collector.Spans.Where(each => each.Trace == trace.ToString()).ToList();

        // The backend is in this process too, and has a span of its own.
        var server = spans.Single(each => each.Scope == "Microsoft.AspNetCore" && each.Parent == span.ToString());
        var wait = spans.Where(each => each.Name == "admission.wait").ShouldHaveSingleItem(string.Join("; ", spans));
        wait.Scope.ShouldBe("Admission");

        // The proxy's own span is in between.
        var proxy = spans.Single(each => each.Id == wait.Parent);
        (proxy.Scope, proxy.Parent).ShouldBe(("Yarp.ReverseProxy", server.Id));
        spans.ShouldContain(each => each.Scope == "System.Net.Http");
        spans.Select(each => $"00-{trace}-{each.Id}-01").ShouldContain(seen["/second"], "the backend's parent is a span of the gateway");
        collector.Spans.Count(each => each.Name == "admission.wait").ShouldBeLessThanOrEqualTo(2);
        collector.Resource.ShouldContain(("service.name", "admission-gateway"));
        collector.Metrics.ShouldContain("admission.requests");
        collector.Metrics.ShouldContain("admission.wait.duration");
        collector.Metrics.ShouldNotContain("admission.ledger.limit", "the last export comes when the ledger has left");
    }

    [Fact]
    public async Task What_is_not_shown_is_the_backends()
    {
        await using var backend = await Collector.BackendAsync(context => context.Response.WriteAsync($"mine: {context.Request.Path}"));
        await using (var off = await GatewayUnderTest.StartAsync(backend.Address, "--limit", "1", "--Admission:Telemetry:Metrics", "Off"))
        {
            (await off.Http.GetStringAsync("/metrics")).ShouldBe("mine: /metrics");
        }

        await using var moved = await GatewayUnderTest.StartAsync(
            backend.Address, "--limit", "1", "--Admission:Telemetry:MetricsPath", "/own/metrics", "--Admission:Telemetry:Meters:0", "System.Runtime");
        (await moved.Http.GetStringAsync("/metrics")).ShouldBe("mine: /metrics");
        var response = await moved.Http.GetAsync("/own/metrics");
        response.Content.Headers.ContentType!.ToString().ShouldBe("text/plain; version=0.0.4; charset=utf-8");
        var text = await response.Content.ReadAsStringAsync();
        text.ShouldContain("admission_requests_total{admission_backend=\"backend\",admission_outcome=\"admitted_after_wait\"} ");
        text.ShouldContain("dotnet_gc_collections_total{");
        text.ShouldContain("admission_buffer_limit_bytes{admission_medium=\"disk\"} 10737418240\n");
        using var head = new HttpRequestMessage(HttpMethod.Head, "/own/metrics");
        (await moved.Http.SendAsync(head)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static async Task<HttpResponseMessage> SendAsync(GatewayUnderTest gateway, string? parent, string path = "/")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (parent is not null)
        {
            request.Headers.Add("traceparent", parent);
        }

        request.Headers.Add("tracestate", State);
        var response = await gateway.Http.SendAsync(request);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return response;
    }
}
