using System.Net;
using Admission.EndToEnd.Cluster.Backends;
using Admission.EndToEnd.Cluster.Load;
using Admission.EndToEnd.Cluster.Network;
using Admission.EndToEnd.Cluster.Processes;
using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster;

/// <summary>Load, records and analyser together, in front of the embedded gateway: what they find with nothing wrong, and what they find with one kill.</summary>
[Collection(Measured.Name)]
public sealed class SteadyLoadTests
{
    private static readonly ClusterPlan Plan = new()
    {
        LeaseTtl = TimeSpan.FromSeconds(1),
        Quarantine = TimeSpan.FromSeconds(1),
        Backends =
        [
            new("stops-1", BackendKind.Stops, 1, Overflow.Wait, new(5, 100, 500, 0.02)),
            new("goes-on-8", BackendKind.GoesOn, 8, Overflow.Refuse, new(50, 150, 500, 0.02)),
        ],
    };

    [Fact]
    public async Task Nothing_is_wrong_when_nothing_happens_and_a_kill_is_seen_and_explained()
    {
        var backends = await Task.WhenAll(Plan.Backends.Select(async plan => new BackendUnderTest(plan, await RecordingBackend.StartAsync(plan.Kind, Plan.Quarantine))));
        await using var first = backends[0];
        await using var second = backends[1];
        await using var gateway = await Gateway.WithFileAsync(FrontendFile.For(Plan, [.. backends.Select(each => (each.Plan, each.Process.Address, each.Plan.Limit))]));
        await using var network = new LoopbackNetwork(() => [], seed: 1);
        var here = network.PlaceOf("gateway");
        var target = new ServerTarget("gateway", new(IPAddress.Loopback, gateway.Port), here, here);
        await Until.TrueAsync(async () => (await target.GetAsync("/health/ready", TimeSpan.FromSeconds(5))).Status == 200, TimeSpan.FromSeconds(10), () => gateway.Output);
        await using var balancer = new LoadBalancer([target]);
        balancer.Start();
        await using var load = new SteadyLoad(Plan.Backends, balancer, seed: 1);
        var start = Clock.Now;
        load.Start();
        await AfterAsync(load, 200);
        var quiet = Clock.Now;

        await gateway.KillAsync();
        var killed = new Outage("gateway", quiet, 0);
        await gateway.StartAsync();
        killed = killed with { To = Clock.Now };
        await Until.TrueAsync(() => target.IsReady, TimeSpan.FromSeconds(20), () => gateway.Output);
        await AfterAsync(load, load.Count + 200);
        await load.StopAsync();

        var record = new ServiceRecord(load.Requests, [killed]);
        record.Unclean().ShouldBeEmpty();
        record.Unclean(to: quiet).ShouldBeEmpty();
        record.Explained().ShouldNotBeEmpty();
        record.Goodput(start, quiet).ShouldBeGreaterThan(10);
        foreach (var backend in backends)
        {
            var over = backend.OverAdmission();
            over.Excesses.ShouldBeEmpty();
            over.Greatest.ShouldBe(backend.Plan.Limit, $"{backend.Plan.Id} was to be full.");
            Idleness.Of(backend.Process.Journal.Read(), backend.Limits, load.Requests.Where(request => request.Backend == backend.Plan.Id), [], TimeSpan.FromMilliseconds(10))
                .LongestIn(quiet, Clock.Now).Seconds.ShouldBeGreaterThan(0.5, "The gateway was away.");
        }
    }

    private static Task AfterAsync(SteadyLoad load, int requests) =>
        Until.TrueAsync(() => load.Requests.Count(request => request.End == RequestEnd.Served) >= requests, TimeSpan.FromSeconds(60), () => $"Only {load.Count} of {requests} requests.");
}
