using Admission.Capacity;
using Admission.Simulator;
using FsCheck;
using FsCheck.Fluent;

namespace Admission.Client.Tests;

public class ShadowBackendTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly BackendPolicy One = new() { Limit = 1, Overflow = Overflow.Wait, QueueCapacity = 2, MaxWait = 30 * Second, RunTimeout = 60 * Second };

    [Fact]
    public void A_request_that_ended_before_its_turn_in_shadow_still_takes_its_time_there()
    {
        var world = new ShadowWorld(One);
        var totals = Offer(world, (0, 10), (1, 3), (2, 3));

        // They would have begun at 0, 10 and 13, so waited 9 and 11.
        (totals.AtOnce, totals.Waited, totals.WaitedFor).ShouldBe((1L, 2L, 20 * Second));
        totals.AssumedRuns.ShouldBe(0);
    }

    [Fact]
    public void Who_finds_the_queue_full_would_be_refused_and_takes_no_place()
    {
        var world = new ShadowWorld(One);
        var totals = Offer(world, (0, 10), (1, 2), (2, 2), (3, 50), (13.5, 1));
        (totals.AtOnce, totals.Waited, totals.AllRefused).ShouldBe((1L, 3L, 1L));
        totals.Refused.ShouldBe([new ShadowRefusals(RefusalReason.QueueFull, 1)]);
        totals.WaitedFor.ShouldBe(9 * Second + 10 * Second + 0.5 * Second);
    }

    [Fact]
    public void A_limit_of_zero_refuses_nobody_but_counts_them()
    {
        var world = new ShadowWorld(new BackendPolicy { Limit = 0 });
        var totals = Offer(world, (0, 1), (1, 1), (5, 1));
        totals.Refused.ShouldBe([new ShadowRefusals(RefusalReason.AtCapacity, 3)]);
        world.Real.ShouldAllBe(request => request.Began == TimeSpan.Zero);
    }

    [Fact]
    public void A_silent_ledger_delays_nobody_and_counts_as_unknown()
    {
        var world = new ShadowWorld(One with { MaxWait = 5 * Second }, isSilent: true);
        var totals = Offer(world, [.. Enumerable.Range(0, 200).Select(each => (each * 0.01, 1.0))]);
        world.Real.ShouldAllBe(request => request.Began == TimeSpan.Zero);
        totals.Requests.ShouldBe(200);
        (totals.AtOnce, totals.Waited).ShouldBe((0L, 0L));
        totals.Unknown.ShouldBeGreaterThanOrEqualTo(3, "those who waited for its answer");
        (totals.Unknown + totals.AllRefused).ShouldBe(200);
    }

    [Fact]
    public void A_client_that_leaves_gives_its_place_up()
    {
        var world = new ShadowWorld(One);
        world.Arrive(Request(10));
        world.Arrive(Request(20) with { Patience = 4 * Second });
        world.Time.RunTo(5 * Second);
        world.Totals.GaveUp.ShouldBe(1);
        world.Pool.Waiting.ShouldBe(0);
        world.CheckSum();
    }

    [Fact]
    public void What_runs_too_long_would_be_cut_off()
    {
        var world = new ShadowWorld(One with { RunTimeout = 5 * Second });
        var totals = Offer(world, (0, 100), (1, 2));
        totals.RunTimeouts.ShouldBe(1);
        totals.WaitedFor.ShouldBe(4 * Second);
    }

    [Fact]
    public void What_never_ran_runs_as_long_as_another()
    {
        // Enforced: one at a time, and no queue. In shadow: all wait their turn.
        var world = new ShadowWorld(One with { QueueCapacity = 10 }, new BackendPolicy { Limit = 1 });
        var totals = Offer(world, (0, 10), (10.5, 10), (11, 10), (12, 10));
        world.Real.Select(request => request.Began).ShouldBe([TimeSpan.Zero, TimeSpan.Zero, null, null]);

        // The third begins at 20.5, as the second ends, and runs for 10 s too.
        (totals.AtOnce, totals.Waited, totals.AssumedRuns).ShouldBe((2L, 2L, 2L));
        totals.WaitedFor.ShouldBe(9.5 * Second + 18.5 * Second);
    }

    [Fact]
    public void Another_policy_counts_anew_and_knows_what_runs()
    {
        var world = new ShadowWorld(One);
        world.Arrive(Request(10));
        world.Time.RunTo(Second);
        world.Shadow.Change(One);
        world.Totals.Requests.ShouldBe(1, "the same policy again changes nothing");
        world.Shadow.Change(One with { QueueCapacity = 1 });
        world.Totals.Requests.ShouldBe(0);
        world.Arrive(Request(1));
        world.Time.RunTo(20 * Second);
        (world.Totals.Requests, world.Totals.Waited, world.Totals.WaitedFor).ShouldBe((1L, 1L, 9 * Second));
    }

    [Fact]
    public void Stopped_it_gives_everything_back_and_follows_nobody()
    {
        var world = new ShadowWorld(One);
        world.Arrive(Request(10));
        world.Arrive(Request(10));
        world.Shadow.Followed.ShouldBe(2);
        world.Shadow.Stop();
        (world.Shadow.Followed, world.Pool.InUse, world.Pool.Waiting).ShouldBe((0, 0, 0));
        world.Totals.Unknown.ShouldBe(1);
        world.Shadow.Begin(default, waits: false, CancellationToken.None).ShouldBeNull();
        world.Time.RunTo(20 * Second);
    }

    [Fact]
    public void The_ledger_hears_the_totals_and_forgets_those_of_another_policy()
    {
        var world = new ShadowWorld(One);
        var totals = Offer(world, (0, 10), (1, 3), (2, 3), (3, 3));
        var known = world.Pool.Describe().Shadow!;
        (known.Requests, known.AtOnce, known.Waited, known.AllRefused, known.Holders).ShouldBe((totals.Requests, totals.AtOnce, totals.Waited, totals.AllRefused, 1));
        known.WaitAt(0.5).ShouldBe(totals.WaitAt(0.5));
        world.Pool.Apply(One with { Limit = 2 });
        world.Pool.Describe().Shadow.ShouldBeNull();
    }

    [Fact]
    public void Each_request_is_counted_once_and_every_permit_comes_back_whatever_happens()
    {
        var request = Gen.Choose(0, 3).Four().Select(drawn => new OfferedRequest
        {
            At = drawn.Item1 * TimeSpan.FromMilliseconds(700),
            Service = TimeSpan.FromMilliseconds(20 + (drawn.Item2 * 900)),
            Weight = 1 + (drawn.Item3 / 2),
            Priority = Priorities.Normal + drawn.Item3,
            Tenant = $"t{drawn.Item4}",
            Patience = drawn.Item4 == 3 ? TimeSpan.FromMilliseconds(50 + (drawn.Item1 * 400)) : null,
            Deadline = drawn.Item3 == 3 ? TimeSpan.FromMilliseconds(drawn.Item2 * 100) : null,
        });
        var cases = from requests in request.ListOf()
                    from kind in Gen.Choose(0, 7)
                    select (Requests: requests, Kind: kind);
        Prop.ForAll(cases.ToArbitrary(), each =>
        {
            var shadow = new BackendPolicy
            {
                Limit = each.Kind % 4, Overflow = each.Kind < 4 ? Overflow.Wait : Overflow.Refuse, QueueCapacity = 3, MaxWait = 2 * Second, RunTimeout = Second,
            };
            BackendPolicy? enforced = each.Kind % 2 == 0 ? null : new BackendPolicy { Limit = 2, Overflow = Overflow.Wait, QueueCapacity = 2, MaxWait = Second };
            var at = TimeSpan.Zero;
            new ShadowWorld(shadow, enforced).Offer(each.Requests.Select(next => next with { At = at += next.At }));
        }).QuickCheckThrowOnFailure();
    }

    private static ShadowTotals Offer(ShadowWorld world, params (double At, double Service)[] requests)
    {
        world.Offer(requests.Select(request => Request(request.Service) with { At = request.At * Second }));
        return world.Totals;
    }

    private static OfferedRequest Request(double service) => new() { At = default, Service = service * Second, Weight = 1, Priority = Priorities.Normal };
}
