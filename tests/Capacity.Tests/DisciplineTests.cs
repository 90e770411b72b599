namespace Admission.Capacity.Tests;

/// <summary>What becomes of a queue that stays long: controlled delay and adaptive LIFO, with the numbers of docs/algorithms.md.</summary>
public class DisciplineTests
{
    private static readonly TimeSpan Target = OpenLoad.Ms(5);
    private static readonly TimeSpan Interval = OpenLoad.Ms(100);

    private static readonly BackendPolicy Policy = new()
    {
        Limit = 8, Overflow = Overflow.Wait, QueueCapacity = 1_000, MaxWait = TimeSpan.FromSeconds(30),
    };

    [Fact]
    public void Controlled_delay_drops_after_the_interval_and_then_more_and_more_often()
    {
        var time = new ManualTime();
        var delay = new ControlledDelay(new MonotonicClock(time));
        var drops = new List<int>();
        for (var ms = 0; ms < 500; ms++)
        {
            if (delay.Drops(time.GetTimestamp(), OpenLoad.Ms(50), isLast: false, Target, Interval))
            {
                drops.Add(ms);
            }

            time.Advance(OpenLoad.Ms(1));
        }

        drops.ShouldBe([100, 200, 271, 329, 379, 424, 464], "100, 100/√2, 100/√3 ... apart");
    }

    [Fact]
    public void Controlled_delay_drops_nothing_while_the_wait_is_sometimes_short()
    {
        var time = new ManualTime();
        var delay = new ControlledDelay(new MonotonicClock(time));
        for (var ms = 0; ms < 1_000; ms++)
        {
            delay.Drops(time.GetTimestamp(), OpenLoad.Ms(ms % 90 == 0 ? 4 : 500), isLast: false, Target, Interval).ShouldBeFalse();
            time.Advance(OpenLoad.Ms(1));
        }
    }

    [Fact]
    public void Controlled_delay_never_drops_the_last()
    {
        var time = new ManualTime();
        var delay = new ControlledDelay(new MonotonicClock(time));
        for (var ms = 0; ms < 1_000; ms++)
        {
            delay.Drops(time.GetTimestamp(), OpenLoad.Ms(500), isLast: true, Target, Interval).ShouldBeFalse();
            time.Advance(OpenLoad.Ms(1));
        }
    }

    [Fact]
    public void Controlled_delay_takes_up_the_rate_that_it_had_reached()
    {
        var time = new ManualTime();
        var delay = new ControlledDelay(new MonotonicClock(time));
        Drops(1_000).ShouldBeGreaterThan(15);
        delay.Drops(time.GetTimestamp(), OpenLoad.Ms(1), isLast: false, Target, Interval).ShouldBeFalse();
        Drops(300).ShouldBeGreaterThan(5, "200 ms after the first interval, at a rate of more than one in 30 ms");
        time.Advance(TimeSpan.FromSeconds(10));
        delay.Drops(time.GetTimestamp(), OpenLoad.Ms(1), isLast: false, Target, Interval).ShouldBeFalse();
        Drops(300).ShouldBe(3, "from the beginning after a quiet time: at 100, 200 and 271 ms");

        int Drops(int milliseconds)
        {
            var drops = 0;
            for (var ms = 0; ms < milliseconds; ms++)
            {
                drops += delay.Drops(time.GetTimestamp(), OpenLoad.Ms(50), isLast: false, Target, Interval) ? 1 : 0;
                time.Advance(OpenLoad.Ms(1));
            }

            return drops;
        }
    }

    [Fact]
    public void Controlled_delay_keeps_the_wait_short_under_lasting_overload_of_patient_clients()
    {
        var load = new OpenLoad(Policy with { Discipline = QueueDiscipline.CoDel }) { Rate = _ => 200, Service = _ => OpenLoad.Ms(50), Patience = (_, _) => null };
        load.Run(30);
        var counts = load.Between(15, 30);
        counts.InTimeRate.ShouldBeGreaterThan(155);
        counts.Refused.ShouldBeGreaterThan(0);
        load.Queued.ShouldBeLessThan(100, "first come, first served has 1,000 by then");
    }

    [Fact]
    public void Adaptive_lifo_serves_the_oldest_first_while_the_queue_is_new_and_the_newest_once_it_has_lasted()
    {
        var cluster = new MiniCluster(Policy with { Limit = 1, Discipline = QueueDiscipline.AdaptiveLifo });
        var inUse = cluster.Acquire("a");
        TestWaiter[] waiters = [cluster.Wait("a"), cluster.Wait("b"), cluster.Wait("a"), cluster.Wait("b")];
        cluster.Time.Advance(OpenLoad.Ms(99));
        cluster.Release("a", inUse);
        waiters.Select(waiter => waiter.Answer).ShouldBe([PoolAnswer.Admitted, PoolAnswer.Waiting, PoolAnswer.Waiting, PoolAnswer.Waiting]);
        cluster.Time.Advance(OpenLoad.Ms(1));
        cluster.Release("a", waiters[0].Result!.Value);
        waiters.Select(waiter => waiter.Answer).ShouldBe([PoolAnswer.Admitted, PoolAnswer.Waiting, PoolAnswer.Waiting, PoolAnswer.Admitted]);
        cluster.Release("b", waiters[3].Result!.Value);
        cluster.Release("a", waiters[2].Result!.Value);
        cluster.Release("b", waiters[1].Result!.Value);

        // Empty once: from the beginning.
        inUse = cluster.Acquire("a");
        TestWaiter[] later = [cluster.Wait("a"), cluster.Wait("b")];
        cluster.Release("a", inUse);
        later[0].Answer.ShouldBe(PoolAnswer.Admitted);
    }

    [Fact]
    public void Adaptive_lifo_serves_half_of_the_clients_at_once_where_first_come_would_serve_nobody_in_time()
    {
        var load = new OpenLoad(Policy with { Discipline = QueueDiscipline.AdaptiveLifo, IgnoresPatience = true })
        {
            Rate = _ => 320, Service = _ => OpenLoad.Ms(50), Patience = (_, _) => OpenLoad.Ms(200),
        };
        load.Run(10);
        load.Between(3, 10).InTimeRate.ShouldBeGreaterThan(140);
    }
}
