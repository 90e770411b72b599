using Admission.Capacity;
using Admission.Client;
using Admission.Dashboard.Feed;
using Admission.Dashboard.Tests.Feed.Support;
using Admission.Grains;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace Admission.Dashboard.Tests.Feed;

/// <summary>The feed beside a real silo, by the real clock.</summary>
public sealed class FeedHostTests : IAsyncLifetime, IBackendDirectory
{
    private const string Backend = "Model";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly BackendPolicy Policy = new() { Limit = 2, Overflow = Overflow.Wait, QueueCapacity = 5, MaxWait = TimeSpan.FromSeconds(60) };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("admission-test-");
    private readonly IHost _host;

    public FeedHostTests()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo.UseLocalhostClustering(Testing.FreePort.Take(), gatewayPort: 0).AddAdmissionGrains(_folder.FullName));
        builder.Services.AddAdmissionClient();
        builder.Services.AddSingleton<IBackendDirectory>(this);
        builder.Services.AddDashboardFeed().AddDashboardFeed();
        _host = builder.Build();
    }

    private AdmissionClient Client => _host.Services.GetRequiredService<AdmissionClient>();

    private IDashboardFeed Feed => _host.Services.GetRequiredService<IDashboardFeed>();

    private IDashboardDesk Desk => _host.Services.GetRequiredService<IDashboardDesk>();

    public Task<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyCollection<string>>([Backend]);

    public async Task InitializeAsync()
    {
        await _host.StartAsync();
        (await Client.ConfigureAsync(Backend, Policy)).Errors.ShouldBeEmpty();
    }

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task What_changes_is_in_the_overview_within_a_second()
    {
        using var overview = new Viewer<Overview>(Feed.WatchOverview);
        await SeenAsync(() => overview.Seen > 0 && overview.Last.Rows is [{ Limit: 2, InUse: 0 }], () => $"{overview.Last}");

        var held = new[] { await Client.AcquireAsync(Backend), await Client.AcquireAsync(Backend) };
        var waits = Client.AcquireAsync(Backend, new AdmissionRequest { Tenant = "acme" }).AsTask();
        var changed = TimeProvider.System.GetUtcNow();
        await SeenAsync(() => overview.Last.Rows is [{ InUse: 2, Waiting: 1, SaturatedFor: not null }], () => $"{overview.Last.Rows[0]}");
        (overview.Last.At - changed).ShouldBeLessThan(TimeSpan.FromSeconds(2), "a second, and what a busy machine takes");

        using var page = new Viewer<BackendPage>(next => Feed.WatchBackend(Backend, next));
        await SeenAsync(() => page.Seen > 0 && page.Last.Policy is not null, () => "the page");
        var answer = await Desk.ChangeAsync(Backend, page.Last.Policy!.Version, PolicyEdit.Limit(3), "anna");
        answer.Outcome.ShouldBe(ChangeOutcome.Changed, string.Join(' ', answer.Reasons));
        await SeenAsync(() => overview.Last.Rows is [{ Limit: 3, IsAdjusted: true, Waiting: 0 }], () => $"{overview.Last.Rows[0]}");
        await SeenAsync(() => page.Last.Policy is { Version: var version } policy && version == answer.Version && policy.InForce.Limit == 3, () => $"{page.Last.Policy}");

        page.Last.Policy!.History[0].ShouldSatisfyAllConditions(change => change.By.ShouldBe("anna"), change => change.Fields.ShouldHaveSingleItem().To.ShouldBe("3"));
        (await Desk.ChangeAsync(Backend, 1, PolicyEdit.Limit(4), "anna")).Outcome.ShouldBe(ChangeOutcome.Conflict);
        (await Desk.ChangeAsync(Backend, answer.Version!.Value, PolicyEdit.Limit(-4), "anna")).ShouldSatisfyAllConditions(
            told => told.Outcome.ShouldBe(ChangeOutcome.Refused), told => told.Reasons.ShouldHaveSingleItem().ShouldStartWith("limit:"));
        (await Desk.AuditAsync(10)).Changes.ShouldHaveSingleItem().Backend.ShouldBe(Backend);
        foreach (var outcome in held.Append(await waits))
        {
            outcome.Permit.Dispose();
        }
    }

    [Fact]
    public async Task The_page_has_holders_queue_and_decisions_and_the_cluster_its_process()
    {
        using var cluster = new Viewer<ClusterPage>(Feed.WatchCluster);
        var held = new[] { await Client.AcquireAsync(Backend), await Client.AcquireAsync(Backend) };
        using var leaves = new CancellationTokenSource();
        var waits = Enumerable.Range(0, 5).Select(_ => Client.AcquireAsync(Backend, new AdmissionRequest { Tenant = "acme", Priority = Priorities.Background }, leaves.Token).AsTask()).ToArray();
        using var page = new Viewer<BackendPage>(next => Feed.WatchBackend(Backend, next));
        await SeenAsync(() => page.Seen > 0 && page.Last is { Row.Waiting: 5, Queue.Total: 5 }, () => $"{page.Last}");
        (await Client.AcquireAsync(Backend, new AdmissionRequest { Tenant = "acme", Priority = Priorities.Background }, CancellationToken.None).AsTask().WaitAsync(Patience)).Refusal.ShouldNotBeNull();
        await SeenAsync(() => page.Last.Decisions.Decisions.Count > 0, () => $"{page.Last.Decisions}");

        page.Last.Queue.Groups.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            group => group.PriorityName.ShouldBe("background"), group => group.Tenant.ShouldBe("acme"), group => group.Count.ShouldBe(5));
        page.Last.Holders.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            holder => holder.IsHere.ShouldBeTrue(), holder => holder.InUse.ShouldBe(2), holder => holder.Idle.ShouldBe(0), holder => holder.Waiting.ShouldBe(5),
            holder => holder.LeaseAge!.Value.ShouldBeLessThan(TimeSpan.FromSeconds(11)));
        page.Last.Decisions.Decisions[0].Why.ShouldNotBeEmpty();
        page.Last.Row.Silo.ShouldNotBeNullOrEmpty();
        (await Desk.ExplainAsync(Backend, page.Last.Queue.First[0].Ticket)).ShouldContain("It has waited");
        await SeenAsync(() => cluster.Saw(told => told is { Mode: "embedded", Silos: [{ Ledgers: 1 }], Holders: [{ IsHere: true }] }), () => "the cluster");
        await leaves.CancelAsync();
        foreach (var wait in waits)
        {
            await Should.ThrowAsync<OperationCanceledException>(wait);
        }

        Array.ForEach(held, outcome => outcome.Permit.Dispose());
    }

    private static Task SeenAsync(Func<bool> condition, Func<string> otherwise) => Testing.Until.TrueAsync(condition, Patience, otherwise);
}
