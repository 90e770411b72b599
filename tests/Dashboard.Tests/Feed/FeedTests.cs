using Admission.Capacity;
using Admission.Dashboard.Feed;
using Admission.Dashboard.Tests.Feed.Support;
using NSubstitute;

namespace Admission.Dashboard.Tests.Feed;

/// <summary>Who asks the ledgers how often: one feed for all viewers.</summary>
public sealed class FeedTests
{
    private static readonly string[] Fifty = [.. Enumerable.Range(0, 50).Select(number => $"b{number:00}")];

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task However_many_watch_each_ledger_is_asked_once_a_second(int viewers)
    {
        var harness = new FeedHarness(Fifty);
        Viewer<Overview>[] watching = [.. Enumerable.Range(0, viewers).Select(_ => new Viewer<Overview>(harness.Feed.WatchOverview))];
        await FeedHarness.UntilAsync(() => watching[0].Seen == 1 && harness.Time.Pending > 0, "the first round");

        await harness.PassAsync(10, () => watching[0].Seen);

        harness.Asked.ShouldBe(50 * 11);
        watching.ShouldAllBe(viewer => viewer.Last.Rows.Count == 50);
        Array.ForEach(watching, viewer => viewer.Dispose());
    }

    [Fact]
    public async Task A_backends_page_is_asked_for_once_a_second_too_and_its_short_answer_not_twice()
    {
        var harness = new FeedHarness(Fifty);
        using var overview = new Viewer<Overview>(harness.Feed.WatchOverview);
        await FeedHarness.UntilAsync(() => overview.Seen == 1 && harness.Time.Pending == 1, "the first round");
        Viewer<BackendPage>[] pages = [.. Enumerable.Range(0, 20).Select(_ => new Viewer<BackendPage>(next => harness.Feed.WatchBackend("B07", next)))];
        await FeedHarness.UntilAsync(() => pages[0].Seen == 1 && harness.Time.Pending == 2, "the first page");

        await harness.PassAsync(10, () => Math.Min(overview.Seen, pages[0].Seen));

        harness["b07"].Glances.ShouldBe(11);
        harness["b07"].Closely.ShouldBeTrue();
        await harness["b07"].Grain.Received(11).DescribeAsync();
        await harness["b07"].Grain.Received(1).DescribePolicyAsync();
        await harness["b08"].Grain.DidNotReceive().DescribeAsync();
        Array.ForEach(pages, page => page.Dispose());
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(5, false)]
    public async Task Holders_are_asked_to_report_every_second_only_where_they_are_few_or_for_a_page(int holders, bool closely)
    {
        var harness = new FeedHarness(Fifty);
        Array.ForEach(Fifty, id => harness[id].Glance = harness[id].Glance with { Holders = holders });
        using var overview = new Viewer<Overview>(harness.Feed.WatchOverview);
        await FeedHarness.UntilAsync(() => overview.Seen == 1 && harness.Time.Pending > 0, "the first round");
        await harness.PassAsync(4, () => overview.Seen);

        Fifty.ShouldAllBe(id => harness[id].Closely == closely);
        using var page = new Viewer<BackendPage>(next => harness.Feed.WatchBackend("b07", next));
        await FeedHarness.UntilAsync(() => page.Seen == 1 && harness.Time.Pending == 2, "the first page");
        await harness.PassAsync(2, () => Math.Min(overview.Seen, page.Seen));
        harness["b07"].Closely.ShouldBeTrue();
        harness["b08"].Closely.ShouldBe(closely);
    }

    [Fact]
    public async Task Leases_of_programs_are_holders_of_their_own()
    {
        var harness = new FeedHarness("one");
        harness["one"].Glance = harness["one"].Glance with { Leases = 60, Leased = 61 };
        harness["one"].Grain.LeasesAsync(Arg.Any<LeaseQuery>()).Returns(new LeasePage(60,
        [
            new LeaseDescription
            {
                Key = "k", State = LeaseState.Held, Fencing = new FencingToken(1, 7), Permits = 2, Ttl = TimeSpan.FromSeconds(30), Left = TimeSpan.FromSeconds(20), Age = TimeSpan.FromHours(1), Tenant = "acme",
            },
        ]));
        using var page = new Viewer<BackendPage>(next => harness.Feed.WatchBackend("one", next));
        await FeedHarness.UntilAsync(() => page.Seen == 1, "the first page");

        page.Last.Row.Leases.ShouldBe(60);
        page.Last.MoreHolders.ShouldBe(59);
        page.Last.Holders.ShouldHaveSingleItem().ShouldBe(
            new HolderRow("lease 7 of acme", 7, false, 2, 2, 0, 0, "lease", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(20)));
    }

    [Fact]
    public async Task Nobody_looks_and_nobody_is_asked()
    {
        var harness = new FeedHarness(Fifty);
        harness.Time.Advance(TimeSpan.FromMinutes(1));
        harness.Asked.ShouldBe(0);
        var viewer = new Viewer<Overview>(harness.Feed.WatchOverview);
        await FeedHarness.UntilAsync(() => viewer.Seen == 1 && harness.Time.Pending > 0, "the first round");

        viewer.Dispose();
        await FeedHarness.UntilAsync(() => harness.Time.Pending == 0, "the loop goes on");
        harness.Time.Advance(TimeSpan.FromMinutes(1));

        harness.Time.Pending.ShouldBe(0);
        harness.Asked.ShouldBe(50);
    }

    [Fact]
    public async Task Who_leaves_and_comes_again_sees_at_once_what_is_known_and_causes_no_questions()
    {
        var harness = new FeedHarness(Fifty);
        var first = new Viewer<Overview>(harness.Feed.WatchOverview);
        await FeedHarness.UntilAsync(() => first.Seen == 1 && harness.Time.Pending > 0, "the first round");
        for (var times = 0; times < 10; times++)
        {
            first.Dispose();
            await FeedHarness.UntilAsync(() => harness.Time.Pending == 0, "the loop goes on");
            first = new Viewer<Overview>(harness.Feed.WatchOverview);
            first.Seen.ShouldBe(1);
            await FeedHarness.UntilAsync(() => harness.Time.Pending > 0, "the new loop waits for its time");
        }

        harness.Asked.ShouldBe(50);
        await harness.PassAsync(1, () => first.Seen);
        harness.Asked.ShouldBe(100);
        first.Dispose();
    }

    [Fact]
    public async Task Ledgers_that_hang_keep_their_last_rows_say_since_when_and_hold_up_nobody()
    {
        var harness = new FeedHarness(Fifty);
        using var viewer = new Viewer<Overview>(harness.Feed.WatchOverview);
        await FeedHarness.UntilAsync(() => viewer.Seen == 1 && harness.Time.Pending > 0, "the first round");
        var never = new TaskCompletionSource<BackendGlance>();
        foreach (var hangs in Fifty[..40])
        {
            harness[hangs].Answer = _ => never.Task;
        }

        var since = harness.Time.GetUtcNow();
        await harness.DriveAsync(() => viewer.Last.At > since + TimeSpan.FromSeconds(10), "ten seconds of rounds");

        harness["b45"].Glances.ShouldBeInRange(7, 12);
        harness["b05"].Glances.ShouldBeInRange(2, 4);
        var lost = viewer.Last.Rows.Single(row => row.Id == "b05");
        lost.Status.ShouldBe("unreachable");
        lost.Limit.ShouldBe(4);
        lost.UnreachableSince!.Value.ShouldBeInRange(since, since + TimeSpan.FromSeconds(3));
        lost.Troubles[0].Kind.ShouldBe(TroubleKind.Unreachable);
        viewer.Last.Rows.Take(40).ShouldAllBe(row => row.Status == "unreachable");
        viewer.Last.Rows.Skip(40).ShouldAllBe(row => row.Status == "granting");

        foreach (var back in Fifty[..40])
        {
            harness[back].Answer = Task.FromResult;
        }

        await harness.DriveAsync(() => viewer.Last.Rows.All(row => row.Status == "granting" && row.UnreachableSince is null && row.Error is null), "they are back");
    }

    [Fact]
    public async Task A_ledger_that_fails_says_why()
    {
        var harness = new FeedHarness("one", "two");
        harness["one"].Answer = _ => Task.FromException<BackendGlance>(new TimeoutException("no answer in 2 s"));
        using var viewer = new Viewer<Overview>(harness.Feed.WatchOverview);
        await FeedHarness.UntilAsync(() => viewer.Seen == 1, "the first round");

        viewer.Last.Rows[0].Id.ShouldBe("one");
        viewer.Last.Rows[0].Error.ShouldBe("no answer in 2 s");
        viewer.Last.Rows[0].Limit.ShouldBeNull();
        viewer.Last.Rows[1].Limit.ShouldBe(4);
    }

    [Fact]
    public async Task A_ledger_of_an_older_version_is_shown_without_what_it_does_not_count()
    {
        var harness = new FeedHarness("one");
        harness["one"].Answer = _ => Task.FromException<BackendGlance>(new NotSupportedException("no such method"));
        harness["one"].Description = harness["one"].Description with
        {
            Occupancy = new Occupancy(4, 2, 3, TimeSpan.Zero),
            Destinations = [new DestinationDescription("", 4, 3, 4, DestinationCondition.InService, null)],
            Holders = [new HolderDescription("h-1", 1, 3, 2, 3, TimeSpan.FromSeconds(9))],
        };
        using var viewer = new Viewer<Overview>(harness.Feed.WatchOverview);
        await FeedHarness.UntilAsync(() => viewer.Seen == 1, "the first round");

        viewer.Last.Rows.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            row => row.Status.ShouldBe("granting"), row => row.InUse.ShouldBe(2), row => row.Idle.ShouldBe(1), row => row.Waiting.ShouldBe(3),
            row => row.ServedPerSecond.ShouldBeNull(), row => row.RefusedPerSecond.ShouldBeNull(), row => row.WaitP99.ShouldBeNull(), row => row.Line.ShouldBeEmpty());
    }

    [Fact]
    public async Task A_viewer_may_watch_another_backend_while_it_is_told()
    {
        var harness = new FeedHarness("one", "two");
        using var first = new Viewer<BackendPage>(next => harness.Feed.WatchBackend("one", next));
        await FeedHarness.UntilAsync(() => first.Seen == 1, "the first page");
        IDisposable? inner = null;
        using var outer = harness.Feed.WatchBackend("one", _ => inner ??= Task.Run(() => harness.Feed.WatchBackend("two", _ => { })).WaitAsync(TimeSpan.FromSeconds(20)).GetAwaiter().GetResult());

        inner.ShouldNotBeNull("what is known is told at once");
        inner.Dispose();
    }

    [Fact]
    public async Task Without_the_list_of_the_backends_the_last_one_is_shown_and_the_reason()
    {
        var harness = new FeedHarness("one") { ListFails = new InvalidOperationException("the database is away") };
        using var viewer = new Viewer<Overview>(harness.Feed.WatchOverview);
        await FeedHarness.UntilAsync(() => viewer.Seen == 1 && harness.Time.Pending > 0, "the first round");
        viewer.Last.Rows.ShouldBeEmpty();
        viewer.Last.Problem.ShouldNotBeNull().ShouldContain("the database is away");

        harness.ListFails = null;
        await harness.PassAsync(6, () => viewer.Seen);
        viewer.Last.Rows.Count.ShouldBe(1);
        harness.ListFails = new InvalidOperationException("away again");
        await harness.PassAsync(6, () => viewer.Seen);

        viewer.Last.Rows.Count.ShouldBe(1);
        viewer.Last.Problem.ShouldNotBeNull().ShouldContain("away again");
    }

    [Fact]
    public async Task A_name_that_nobody_has_configured_is_never_asked_for()
    {
        var harness = new FeedHarness("one");
        using var page = new Viewer<BackendPage>(next => harness.Feed.WatchBackend("other", next));
        await FeedHarness.UntilAsync(() => page.Seen == 1, "the first page");

        page.Last.IsUnknown.ShouldBeTrue();
        (await harness.Desk.ChangeAsync("other", 1, PolicyEdit.Pause, "anna")).Outcome.ShouldBe(ChangeOutcome.Refused);
        harness.Asked.ShouldBe(0);
    }

    [Fact]
    public async Task Viewers_are_bounded_and_one_that_throws_disturbs_nobody()
    {
        var harness = new FeedHarness("one");
        using var bad = harness.Feed.WatchOverview(_ => throw new InvalidOperationException("a component with a bug"));
        Viewer<Overview>[] others = [.. Enumerable.Range(0, IDashboardFeed.MostViewers - 1).Select(_ => new Viewer<Overview>(harness.Feed.WatchOverview))];
        await FeedHarness.UntilAsync(() => others.All(viewer => viewer.Seen == 1), "all were told");

        harness.Feed.WatchOverview(_ => { }).ShouldBeNull();
        harness.Feed.WatchJobs(_ => { }).ShouldBeNull();
        others[0].Dispose();
        others[0].Dispose();
        using var place = harness.Feed.WatchOverview(_ => { });
        place.ShouldNotBeNull();
        harness.Feed.WatchOverview(_ => { }).ShouldBeNull();
        Array.ForEach(others, viewer => viewer.Dispose());
    }

    [Fact]
    public async Task So_many_backends_are_watched_one_by_one_and_those_that_nobody_watches_any_more_make_room()
    {
        var harness = new FeedHarness([.. Fifty, "more"]);
        Viewer<BackendPage>[] pages = [.. Fifty.Select(id => new Viewer<BackendPage>(next => harness.Feed.WatchBackend(id, next)))];
        pages.ShouldAllBe(page => page.IsIn);

        harness.Feed.WatchBackend("more", _ => { }).ShouldBeNull();
        pages[3].Dispose();
        using var more = new Viewer<BackendPage>(next => harness.Feed.WatchBackend("more", next));

        more.IsIn.ShouldBeTrue();
        await FeedHarness.UntilAsync(() => more.Seen > 0, "the page");
        more.Last.Row.Id.ShouldBe("more");
        Array.ForEach(pages, page => page.Dispose());
    }

    [Fact]
    public async Task What_is_in_trouble_comes_first()
    {
        var harness = new FeedHarness("calm", "full", "paused", "recovering", "refusing", "unused", "withheld");
        harness["unused"].Glance = harness["unused"].Glance with { Status = LedgerStatus.NoAuthority, Holders = 0 };
        harness["full"].Glance = harness["full"].Glance with { Waiting = 5, QueueCapacity = 10, SaturatedFor = TimeSpan.FromSeconds(20) };
        harness["paused"].Glance = harness["paused"].Glance with { IsPaused = true };
        harness["recovering"].Glance = harness["recovering"].Glance with { Status = LedgerStatus.Recovering, Recovery = TimeSpan.FromSeconds(3) };
        harness["refusing"].Glance = harness["refusing"].Glance with { RefusedPerSecond = 12.5 };
        harness["withheld"].Glance = harness["withheld"].Glance with { Destinations = 3, Withheld = 1 };
        using var viewer = new Viewer<Overview>(harness.Feed.WatchOverview);
        await FeedHarness.UntilAsync(() => viewer.Seen == 1, "the first round");

        viewer.Last.Rows.Select(row => row.Id).ShouldBe(["recovering", "withheld", "refusing", "full", "paused", "calm", "unused"]);
        viewer.Last.Rows[^1].ShouldSatisfyAllConditions(row => row.Trouble.ShouldBe(0), row => row.Status.ShouldBe("idle"));
        viewer.Last.Rows[2].Troubles.ShouldHaveSingleItem().Words.ShouldBe("12.5 requests per second are refused");
    }
}
