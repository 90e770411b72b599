using FsCheck;
using FsCheck.Fluent;

namespace Admission.Capacity.Tests;

/// <summary>A ledger whose limit finds itself.</summary>
public class AdaptiveLedgerTests
{
    private static readonly BackendPolicy Policy = new()
    {
        Limit = 100,
        Adaptive = new AdaptiveLimit { Min = 2, Initial = 10 },
        Overflow = Overflow.Wait,
        QueueCapacity = 1_000,
        MaxWait = TimeSpan.FromHours(1),
    };

    [Fact]
    public void Starts_from_its_initial_limit_or_from_its_least()
    {
        new DirectLedger(Policy).Describe().Occupancy.Limit.ShouldBe(10);
        new DirectLedger(Policy with { Adaptive = new AdaptiveLimit { Min = 2 } }).Describe().Occupancy.Limit.ShouldBe(2);
        new DirectLedger(Policy with { Adaptive = null }).Describe().Occupancy.Limit.ShouldBe(100);
        new DirectLedger(Policy with { Limit = 0 }).Describe().Occupancy.Limit.ShouldBe(0, "0 pauses, whatever finds itself");
    }

    [Fact]
    public void A_heavy_request_that_is_refused_leaves_nothing_of_its_weight_to_others()
    {
        var cluster = new MiniCluster(Policy with { Adaptive = new AdaptiveLimit { Min = 2 }, Overflow = Overflow.Refuse, QueueCapacity = 0, MaxWait = TimeSpan.Zero });
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Acquire("b").Answer.ShouldBe(PoolAnswer.Admitted);

        cluster.Acquire("a", new AdmissionRequest { Weight = 50 }).Refusal!.Reason.ShouldBe(RefusalReason.AtCapacity);

        cluster.Acquire("a").Refusal!.Reason.ShouldBe(RefusalReason.AtCapacity);
        var books = cluster.Ledger.Describe();
        books.Destinations.Sum(destination => destination.Booked).ShouldBe(2);
        books.Occupancy.Limit.ShouldBe(2);
    }

    [Fact]
    public void Says_how_it_finds_itself()
    {
        new DirectLedger(Policy).Describe().Adaptive.ShouldBe(new LimitDescription(LimitAlgorithm.Gradient2, 2, 100, null, 10));
        new DirectLedger(Policy with { Adaptive = null }).Describe().Adaptive.ShouldBeNull();
    }

    [Fact]
    public void What_was_learned_survives_a_planned_move_and_is_in_every_record()
    {
        var time = new ManualTime();
        var learned = new LearnedLimit(37, TimeSpan.FromMilliseconds(50), 0.03);
        var ledger = new CapacityLedger(new LedgerState { Epoch = 1, Policy = Policy, PolicyVersion = 1, Limit = learned }, time.GetTimestamp(), time);
        ledger.Describe().Occupancy.Limit.ShouldBe(37);
        ledger.Describe().Adaptive!.UnloadedTime!.Value.TotalMilliseconds.ShouldBe(50, 0.01);
        ledger.BeginStore().State.Limit!.Limit.ShouldBe(37);
        var handed = ledger.PrepareHandover();
        var successor = new CapacityLedger(handed.NextEpoch(2, TimeSpan.FromSeconds(10)), time.GetTimestamp(), time, null, handed.Handover);
        successor.Describe().Occupancy.Limit.ShouldBe(37);
    }

    [Fact]
    public void What_was_learned_is_held_to_the_bounds_of_a_new_policy()
    {
        var time = new ManualTime();
        var state = new LedgerState { Epoch = 1, Policy = Policy, PolicyVersion = 1, Limit = new LearnedLimit(37, TimeSpan.FromMilliseconds(50), 0.03) };
        var ledger = new CapacityLedger(state, time.GetTimestamp(), time);
        ledger.ApplyPolicy(Policy with { Limit = 20 }).Errors.ShouldBeEmpty();
        ledger.EndStore(ledger.BeginStore(), StoreOutcome.Stored);
        ledger.Describe().Occupancy.Limit.ShouldBe(20);
        ledger.ApplyPolicy(Policy with { Limit = 20, Adaptive = null }).Errors.ShouldBeEmpty();
        ledger.EndStore(ledger.BeginStore(), StoreOutcome.Stored);
        ledger.Describe().Occupancy.Limit.ShouldBe(20);
        ledger.Describe().Adaptive.ShouldBeNull();
    }

    [Fact]
    public void A_request_that_needs_more_than_was_found_runs_alone()
    {
        var cluster = new MiniCluster(Policy with { Adaptive = new AdaptiveLimit { Min = 2 } });
        var light = cluster.Wait("a");
        var heavy = cluster.Wait("a", new AdmissionRequest { Weight = 50 });
        heavy.Answer.ShouldBe(PoolAnswer.Waiting, "the light one is inside");
        cluster.Release("a", light.Result!.Value);
        cluster.Advance(TimeSpan.FromSeconds(1));
        heavy.Answer.ShouldBe(PoolAnswer.Admitted);
        var next = cluster.Wait("a");
        next.Answer.ShouldBe(PoolAnswer.Waiting);
        cluster.Release("a", heavy.Result!.Value);
        cluster.Advance(TimeSpan.FromSeconds(1));
        next.Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Ledger.Describe().Occupancy.Limit.ShouldBe(2);
    }

    [Theory]
    [InlineData(0, 2, null, "Adaptive:Algorithm")]
    [InlineData(1, 0, null, "Adaptive:Min")]
    [InlineData(1, 101, null, "Adaptive:Min")]
    [InlineData(1, 5, 4, "Adaptive:Initial")]
    [InlineData(1, 5, 101, "Adaptive:Initial")]
    public void Bounds_are_checked(int algorithm, int min, int? initial, string named)
    {
        var errors = BackendPolicyRules.Validate(Policy with { Adaptive = new AdaptiveLimit { Algorithm = (LimitAlgorithm)algorithm, Min = min, Initial = initial } });
        errors.Single().ShouldStartWith(named + ": ");
    }

    [Fact]
    public void Totals_that_cannot_be_are_refused()
    {
        var ledger = new DirectLedger(Policy);
        ledger.Report(0);
        foreach (var spread in new[] { new WorkSpread(-1, 0), new WorkSpread(double.NaN, 0), new WorkSpread(0, -1) })
        {
            Should.Throw<ArgumentException>(() => ledger.Deliver(ledger.LastReport with { Sequence = 9, Spread = spread }));
        }
    }

    [Fact]
    public void What_was_finished_before_a_change_does_not_settle_it()
    {
        var time = new ManualTime();
        var finder = new LimitFinder(new AdaptiveLimit { Initial = 10 }, 40, new MonotonicClock(time));
        var start = time.GetTimestamp();

        // Nine tenths of this report's time were before the limit was set, and so, as far as is known, nine tenths of its work.
        time.Advance(TimeSpan.FromSeconds(1));
        Report(new WorkSum(100, 100, 5, 0.25, 0), start - (9 * TimeSpan.TicksPerSecond)).ShouldBeFalse("10 of 20 have settled");
        Report(new WorkSum(10, 10, 0.5, 0.025, 0), start).ShouldBeFalse("20 of 20 have settled");
        time.Advance(TimeSpan.FromSeconds(1));
        Report(new WorkSum(100, 100, 5, 0.25, 0), start + TimeSpan.TicksPerSecond).ShouldBeTrue("this is the first window, and shows no queue");

        bool Report(WorkSum work, long since)
        {
            finder.InUse(10);
            finder.Reached();
            return finder.Add(work, since);
        }
    }

    [Fact]
    public void Whatever_is_measured_the_limit_stays_between_its_bounds_and_never_grows_unused()
    {
        Prop.ForAll(Gen.Choose(0, 99_999).ListOf().ToArbitrary(), operations =>
        {
            foreach (var algorithm in new[] { LimitAlgorithm.Gradient2, LimitAlgorithm.Aimd, LimitAlgorithm.Vegas })
            {
                var time = new ManualTime();
                var finder = new LimitFinder(new AdaptiveLimit { Algorithm = algorithm, Min = 3, Initial = 8 }, 40, new MonotonicClock(time));
                foreach (var operation in operations)
                {
                    time.Advance(TimeSpan.FromMilliseconds(20 + (operation % 200)));
                    var reached = operation % 3 > 0;
                    finder.InUse(operation % 41);
                    if (reached)
                    {
                        finder.Reached();
                    }

                    var before = finder.Limit;
                    var count = operation % 50;
                    var seconds = count * 0.001 * (1 + (operation % 211));
                    var overloaded = operation % 17 == 0 ? count : 0;
                    var sampled = overloaded > 0 ? 0 : count;
                    finder.Add(new WorkSum(count, sampled, sampled == 0 ? 0 : seconds, sampled == 0 ? 0 : seconds * seconds / count * 2, overloaded), time.GetTimestamp());
                    finder.Limit.ShouldBeInRange(3, 40);
                    (finder.Learned.UnloadedError >= 0).ShouldBeTrue();
                }

                finder = new LimitFinder(new AdaptiveLimit { Algorithm = algorithm, Min = 3, Initial = 8 }, 40, new MonotonicClock(time));
                foreach (var operation in operations)
                {
                    finder.InUse(operation % 9);
                    time.Advance(TimeSpan.FromMilliseconds(500));
                    finder.Add(new WorkSum(100, 100, 1 + (operation % 7), 1, 0), time.GetTimestamp());
                    finder.Limit.ShouldBeInRange(3, 8, "no ticket waited");
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Nothing_is_granted_above_what_was_found_whatever_is_reported()
    {
        Prop.ForAll(Gen.Choose(0, 9_999).ListOf().ToArbitrary(), operations =>
        {
            var ledger = new DirectLedger(Policy with { Adaptive = new AdaptiveLimit { Min = 2, Initial = 5 }, Limit = 12 });
            var held = 0;
            var decision = 0L;
            var work = default(WorkTotals);
            foreach (var operation in operations)
            {
                var released = Math.Min(held, operation % 7);
                held -= released;
                work = new WorkTotals(work.Completed + released, work.Sampled + released, work.SampledTime + (released * TimeSpan.FromMilliseconds(1 + (operation % 97))));
                var before = ledger.Booked;
                ledger.Report(held, held, decision, operation % 5, 5, work);
                held += ledger.LastReply.Decisions.Where(granted => granted.Sequence > decision).Sum(granted => granted.Permits);
                decision = ledger.LastReply.Decisions.Select(granted => granted.Sequence).Append(decision).Max();
                var books = ledger.Describe();
                books.Occupancy.Limit.ShouldBeInRange(2, 12);
                ledger.Booked.ShouldBeLessThanOrEqualTo(Math.Max(before - released, books.Occupancy.Limit));
                LedgerInvariants.Check(books);
                ledger.Pass(TimeSpan.FromMilliseconds(50));
            }
        }).QuickCheckThrowOnFailure();
    }
}
