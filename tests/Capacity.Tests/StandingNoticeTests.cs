namespace Admission.Capacity.Tests;

/// <summary>When a saturation notice ends that refuses without the pool's lock: at the tick of its end, and before a few refusals more where that is late.</summary>
public class StandingNoticeTests
{
    private static readonly BackendPolicy Refuse = new() { Limit = 1 };

    [Fact]
    public void The_pool_wants_a_tick_at_the_end_of_its_notice_and_then_asks()
    {
        var (cluster, pool) = Saturated();
        var end = pool.NextTick;
        end.ShouldBeInRange(TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(1));
        pool.TryAcquire(default, out _).ShouldBeTrue();

        cluster.Time.Advance(end - TimeSpan.FromMilliseconds(1));
        pool.Tick();
        pool.TryAcquire(default, out var refused).ShouldBeTrue();
        refused.Refusal!.Notice.ShouldNotBe(0);
        pool.NextTick.ShouldBe(TimeSpan.FromMilliseconds(1), "a tick before the end leaves it");

        cluster.Time.Advance(TimeSpan.FromMilliseconds(1));
        pool.Tick();
        pool.TryAcquire(default, out _).ShouldBeFalse("the notice has ended");
        pool.NextTick.ShouldBeGreaterThan(TimeSpan.Zero, "a notice that has ended wants no more ticks");
    }

    [Fact]
    public void Without_a_tick_it_refuses_fewer_than_eight_after_its_end_whatever_it_has_refused_before()
    {
        for (var before = 1; before <= 2 * PermitPool.RefusalsPerClock; before++)
        {
            var (cluster, pool) = Saturated();
            for (var i = 0; i < before; i++)
            {
                pool.TryAcquire(default, out _).ShouldBeTrue();
            }

            cluster.Time.Advance(TimeSpan.FromSeconds(2));
            var after = 0;
            for (; pool.TryAcquire(default, out _); after++)
            {
                after.ShouldBeLessThan(PermitPool.RefusalsPerClock);
            }

            after.ShouldBeLessThan(PermitPool.RefusalsPerClock);
            pool.TryAcquire(default, out _).ShouldBeFalse("once it is known to have ended, nobody is refused by it");
            Refused(pool).ShouldBe(before + after + 1, "who is not refused is not counted");
        }
    }

    [Fact]
    public async Task Many_threads_together_are_refused_as_few_after_the_end_each()
    {
        var (cluster, pool) = Saturated();
        pool.TryAcquire(default, out _).ShouldBeTrue();
        cluster.Time.Advance(TimeSpan.FromSeconds(2));
        using var start = new Barrier(4);
        var refused = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Factory.StartNew(
            () =>
            {
                start.SignalAndWait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
                return Enumerable.Range(0, 100).Count(_ => pool.TryAcquire(default, out var _));
            },
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        refused.Sum().ShouldBeLessThan(4 * PermitPool.RefusalsPerClock, "a thread that is taken away just as it looks lets so many more pass");
    }

    /// <summary>One permit, in use, and a pool that has been refused another and told that the backend is full.</summary>
    private static (MiniCluster Cluster, PermitPool Pool) Saturated()
    {
        var cluster = new MiniCluster(Refuse);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Admitted);
        cluster.Acquire("a").Answer.ShouldBe(PoolAnswer.Refused);
        return (cluster, cluster.Pool("a"));
    }

    private static long Refused(PermitPool pool) => pool.Totals.Refused.Sum(refused => refused.Count);
}
