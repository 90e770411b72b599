using Admission.EndToEnd.Cluster.Faults;
using Admission.EndToEnd.Cluster.Load;
using Admission.EndToEnd.Cluster.Processes;
using Admission.EndToEnd.Cluster.Records;
using Xunit.Abstractions;

namespace Admission.EndToEnd.Cluster;

/// <summary>Every silo and every frontend is stopped and started, one after another, while half of the capacity is in use.</summary>
[Collection(Measured.Name)]
public sealed class RollingUpgradeTests(ITestOutputHelper output)
{
    [SkippableFact]
    public async Task Loses_no_request_and_refuses_none_that_there_was_room_for()
    {
        Need.Postgres();
        var plan = new ClusterPlan();
        plan = plan with { Backends = plan.Live, Frontends = SoakSetting.IsSoak ? plan.Frontends : 2 };
        await using var cluster = await ClusterUnderTest.StartAsync(plan);
        await using var load = new SteadyLoad(plan.Backends, cluster.Balancer, seed: 1) { Clients = (0.5, 0), VisitorsPerSecond = 0 };
        load.Start();
        await Until.TrueAsync(() => load.Count > 200, TimeSpan.FromSeconds(30), cluster.Describe);
        foreach (var process in cluster.Processes)
        {
            await process.TerminateAsync();
            process.Start();
            await cluster.WaitUntilReadyAsync(TimeSpan.FromSeconds(60));
        }

        await load.StopAsync();
        cluster.SaveLogs(Path.Combine(Repository.Artifacts, "faults", "rolling"));
        var service = new ServiceRecord(load.Requests, []);
        output.WriteLine($"{string.Join(", ", load.Requests.GroupBy(request => request.End).Select(group => $"{group.Key}: {group.Count()}"))}; "
            + $"refused: {ServiceRecord.Reasons(load.Requests.Where(request => request.End == RequestEnd.Refused))}");
        service.Unclean().ShouldBeEmpty(ServiceRecord.Reasons(service.Unclean()));
        load.Requests.Where(request => request.End == RequestEnd.NotSent).ShouldAllBe(request => request.Detail == "ConnectionRefused");

        // Between the answer and the release of its permit a client can come back: with a limit of one that is a refusal that is right.
        var roomy = plan.Backends.Where(backend => backend.Limit > 1).Select(backend => backend.Id).ToArray();
        load.Requests.Where(request => roomy.Contains(request.Backend) && request.End == RequestEnd.Refused && request.Detail != "shutting-down").ShouldBeEmpty();
        cluster.Backends.SelectMany(backend => backend.OverAdmission().Excesses).ShouldBeEmpty();
        cluster.Processes.ShouldAllBe(process => process.Crashes.Count == 0 && process.ExitCodes.Single() == 0);
    }
}
