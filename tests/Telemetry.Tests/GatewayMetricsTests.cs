using Admission.Frontend.Buffering;
using Admission.Frontend.Telemetry;
using Admission.Telemetry.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Admission.Telemetry.Tests;

/// <summary>The gateway's own instruments.</summary>
public sealed class GatewayMetricsTests
{
    [Fact]
    public async Task Buffers_tell_what_they_take_what_they_may_and_how_often_a_body_went_to_disk()
    {
        using var folder = new TemporaryFolder();
        using var meters = new TestMeters();
        var metrics = new GatewayMetrics(meters.Factory);
        (await meters.LinesAsync("admission_buffer")).ShouldBeEmpty();
        var buffers = new Buffers(new BufferFolder(folder.Path), NullLogger<Buffers>.Instance, metrics);
        buffers.Configure(1000, 2000);
        buffers.TryTakeMemory(300).ShouldBeTrue();
        buffers.TryTakeDisk(500).ShouldBeTrue();
        buffers.TryTakeDisk(5000).ShouldBeFalse();
        using var file = buffers.TryOpenFile().ShouldNotBeNull();

        (await meters.LinesAsync("admission_buffer")).Where(line => line[0] != '#').ShouldBe(
        [
            "admission_buffer_usage_bytes{admission_medium=\"disk\"} 500", "admission_buffer_usage_bytes{admission_medium=\"memory\"} 300",
            "admission_buffer_limit_bytes{admission_medium=\"disk\"} 2000", "admission_buffer_limit_bytes{admission_medium=\"memory\"} 1000",
            "admission_buffer_spills_total 1",
        ]);
    }

    [Fact]
    public async Task Held_connections_are_counted_by_backend()
    {
        using var meters = new TestMeters();
        var metrics = new GatewayMetrics(meters.Factory);
        var held = new List<string> { "Model", "model", "other" };
        metrics.ShowHeld(() => held);
        (await meters.LinesAsync("held{")).ShouldBe(["admission_connections_held{admission_backend=\"model\"} 2", "admission_connections_held{admission_backend=\"other\"} 1"]);
        held.Clear();
        (await meters.LinesAsync("held{")).ShouldBeEmpty();
    }
}
