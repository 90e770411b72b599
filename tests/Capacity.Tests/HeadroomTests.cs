namespace Admission.Capacity.Tests;

/// <summary>How idle permits are spread over the holders, what is kept back, and when a pool gives back what a burst has brought it.</summary>
public class HeadroomTests
{
    private static readonly BackendPolicy Wait = new() { Limit = 18, Overflow = Overflow.Wait, QueueCapacity = 10, MaxWait = TimeSpan.FromMinutes(1) };

    [Theory]
    [InlineData(12, 5)]
    [InlineData(3, 3)]
    [InlineData(60, 36)]
    [InlineData(0, 0)]
    public void Load_is_the_mean_within_what_the_peak_leaves_possible(int demand, double expected)
    {
        var load = new HolderLoad();
        load.Add(default, new WorkTotals(1_000, 1_000, TimeSpan.FromSeconds(50)), TimeSpan.FromSeconds(10));
        load.Find(demand);
        load.Mean.ShouldBe(expected, 1e-4);
        load.Spread.ShouldBe(Math.Sqrt(expected), 1e-4);
    }

    [Fact]
    public void Load_of_a_holder_that_has_done_nothing_yet_is_told_by_its_peak()
    {
        var load = new HolderLoad();
        load.Find(12);
        load.Mean.ShouldBe(4, 1e-4);
    }

    [Fact]
    public void Older_work_counts_half_after_ten_seconds()
    {
        var load = new HolderLoad();
        var work = new WorkTotals(1_000, 1_000, TimeSpan.FromSeconds(50));
        load.Add(default, work, TimeSpan.FromSeconds(10));
        load.Add(work, work, TimeSpan.FromSeconds(10));
        load.Find(3);
        load.Mean.ShouldBe(5.0 / 3, 1e-4);
    }

    [Fact]
    public void Totals_that_have_shrunk_say_nothing()
    {
        var load = new HolderLoad();
        load.Add(new WorkTotals(1_000, 1_000, TimeSpan.FromSeconds(50)), new WorkTotals(10, 10, TimeSpan.FromSeconds(1)), TimeSpan.FromSeconds(10));
        load.Find(12);
        load.Mean.ShouldBe(4, 1e-4);
    }

    /// <summary>Loads of 9 and 1 share 18: eight are idle, and c is 8 / (3 + 1) = 2. In proportion to the peaks it were 13 and 4.</summary>
    [Fact]
    public void Idle_permits_are_spread_by_square_root_staffing()
    {
        var ledger = new DirectLedger(Wait);
        ledger.Report(held: 0, holder: "a");
        ledger.Report(held: 0, holder: "b");
        ledger.Pass(TimeSpan.FromSeconds(5));
        Report("a", 15, 9);
        Report("b", 5, 1);

        Report("a", 15, 9).ShouldBe(15);
        Report("b", 5, 1).ShouldBe(3);

        int Report(string holder, int demand, int load)
        {
            ledger.Report(held: 0, applied: 100, demand: demand, work: new WorkTotals(load * 50, load * 50, TimeSpan.FromSeconds(load * 5)), holder: holder);
            return ledger.LastReply.Allowance;
        }
    }

    [Theory]
    [InlineData(100, 3, 100)]
    [InlineData(100, 10, 90)]
    [InlineData(16, 8, 14)]
    [InlineData(1_000, 10, 969)]
    [InlineData(1_000, 200, 950)]
    public void What_is_shared_out_leaves_the_root_of_the_limit_to_the_ledger(int limit, int holders, int shared)
    {
        var ledger = new DirectLedger(Wait with { Limit = limit });
        for (var i = 0; i < holders; i++)
        {
            ledger.Report(held: 0, demand: i == holders - 1 ? limit : 0, holder: $"holder-{i}");
        }

        ledger.LastReply.Allowance.ShouldBe(shared);
        ledger.Booked.ShouldBe(shared);
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(8, 10)]
    [InlineData(16, 16)]
    [InlineData(1_000, 300)]
    public void Holders_that_are_alike_keep_no_more_together_than_is_shared_out(int limit, int holders)
    {
        var ledger = new DirectLedger(Wait with { Limit = limit });
        var allowed = new int[holders];
        for (var turn = 0; turn < 2; turn++)
        {
            for (var i = 0; i < holders; i++)
            {
                ledger.Report(held: 0, applied: 1_000, demand: 2, holder: $"holder-{i}");
                allowed[i] = ledger.LastReply.Allowance;
            }
        }

        var reserve = holders < 4 ? 0 : Math.Min(limit / 8, Math.Max(holders / 4, (int)Math.Sqrt(limit)));
        allowed.Sum().ShouldBeLessThanOrEqualTo(limit - reserve);
    }

    [Fact]
    public void What_a_burst_brought_goes_back_with_the_acknowledgement_so_that_its_next_request_finds_it()
    {
        var time = new ManualTime();
        var pool = Granted(time, contended: false, out var permit);
        pool.Release(permit).WantsExchange.ShouldBeFalse();
        pool.Idle.ShouldBe(1);
        time.Advance(TimeSpan.FromMilliseconds(99));
        pool.TryAcquire(default, out var next).ShouldBeTrue();
        pool.Release(next.Permit).WantsExchange.ShouldBeFalse();
        time.Advance(TimeSpan.FromMilliseconds(1));
        pool.Tick().WantsExchange.ShouldBeTrue();
        pool.BeginExchange()!.Held.ShouldBeEmpty();
    }

    [Fact]
    public void While_others_wait_it_goes_back_at_once()
    {
        var pool = Granted(new ManualTime(), contended: true, out var permit);
        pool.Release(permit).WantsExchange.ShouldBeTrue();
        pool.BeginExchange()!.Held.ShouldBeEmpty();
    }

    /// <summary>A pool that was granted a permit for its ticket, and may keep none idle.</summary>
    private static PermitPool Granted(ManualTime time, bool contended, out Permit permit)
    {
        var pool = new PermitPool("a", 1, Wait, time);
        pool.Acquire(default, new TestWaiter(), out _).Answer.ShouldBe(PoolAnswer.Waiting);
        pool.BeginExchange();
        pool.EndExchange(Message(0, LedgerStatus.NewEpoch));
        var report = pool.BeginExchange()!;
        var grant = new Decision { Sequence = 1, Kind = DecisionKind.Grant, Ticket = report.Tickets.Single().Id, Destination = "", Permits = 1 };
        var effects = pool.EndExchange(Message(1, LedgerStatus.Granting) with
        {
            AcknowledgedReport = report.Sequence,
            LeaseTtl = Wait.LeaseTtl,
            Decisions = [grant],
            Contended = contended,
        });
        permit = effects.Decided.ShouldHaveSingleItem().Result.Permit;
        if (contended)
        {
            // Its own word that it has heard.
            pool.BeginExchange();
            pool.EndExchange(Message(2, LedgerStatus.Granting) with { AcknowledgedReport = report.Sequence + 1, LeaseTtl = Wait.LeaseTtl, Contended = true });
        }

        return pool;
    }

    private static LedgerMessage Message(long sequence, LedgerStatus status) => new() { Epoch = 1, Holder = "a", Incarnation = 1, Sequence = sequence, Status = status, PolicyVersion = 1 };
}
