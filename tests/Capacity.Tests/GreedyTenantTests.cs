using System.Globalization;
using Xunit.Abstractions;

namespace Admission.Capacity.Tests;

/// <summary>One greedy tenant beside ten modest ones, in virtual time: the figures of docs/algorithms.md.</summary>
public class GreedyTenantTests(ITestOutputHelper output)
{
    private const int Limit = 8;
    private const int Modest = 10;
    private static readonly TimeSpan Service = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData(0.1, false, 1)]
    [InlineData(0.25, false, 1)]
    [InlineData(0.25, true, 1)]
    [InlineData(0.5, false, 1.5)]
    public void A_greedy_tenant_moves_the_p99_wait_of_a_modest_one_by_no_more_than_a_service_time(double part, bool constant, double serviceTimes)
    {
        var share = Limit / Service.TotalSeconds / (Modest + 1);
        var alone = Run(share * part, 0, named: true, constant);
        var beside = Run(share * part, 50 * share, named: true, constant);
        var unnamed = Run(share * part, 50 * share, named: false, constant);
        Tell("without the greedy tenant", alone);
        Tell("beside it", beside);
        Tell("beside it, as one tenant", unnamed);

        alone.Refused.ShouldBe(0);
        beside.Refused.ShouldBe(0, "no modest request is refused");
        (beside.P99 - alone.P99).ShouldBeLessThan(serviceTimes * Service, "at half of their share the p99 of 1,500 requests is not known to better than half a service time");
        unnamed.P99.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(500), "which is what the fairness is for");
        ((double)unnamed.Refused / unnamed.Asked).ShouldBeGreaterThan(0.5);
    }

    /// <summary>The table of docs/algorithms.md has these over 20,000 requests.</summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(4, true)]
    [InlineData(8, true)]
    [InlineData(64, true)]
    [InlineData(8, false)]
    [InlineData(64, false)]
    public void It_does_so_at_any_limit_up_to_three_quarters_of_the_share(int limit, bool constant)
    {
        foreach (var part in new[] { 0.1, 0.5, 0.75 })
        {
            var lab = new FairLab { Limit = limit, Part = part, Constant = constant };
            var (alone, beside) = (lab.P99(greedy: false), lab.P99(greedy: true));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{part:P0}: {alone:F2} alone, {beside:F2} beside it, moved by {beside - alone:F2} service times"));
            (beside - alone).ShouldBeLessThan(1.05, $"at {part:P0} of the share");
        }
    }

    /// <summary>At limits of 1 and 4 with exponential times the first permit that comes back takes longer than that by itself: nobody can do better without leaving permits idle.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Where_the_first_permit_takes_longer_it_is_about_as_good_as_a_priority_of_their_own(int limit)
    {
        foreach (var part in new[] { 0.1, 0.5 })
        {
            var beside = new FairLab { Limit = limit, Part = part }.P99(greedy: true);
            var preferred = new FairLab { Limit = limit, Part = part, Preferred = true, Burst = 0 }.P99(greedy: true);
            beside.ShouldBeLessThan(preferred * 1.1, $"at {part:P0} of the share");
        }
    }

    private void Tell(string what, Figures figures) => output.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{what}: {figures.Asked} modest requests, {figures.Refused} refused, median wait {figures.Median.TotalMilliseconds:F1} ms, p99 {figures.P99.TotalMilliseconds:F1} ms"));

    /// <summary>Poisson arrivals and exponential service times. Half of what is asked comes to each of two pools.</summary>
    private static Figures Run(double modestRate, double greedyRate, bool named, bool constant)
    {
        var random = new Random(4711);
        var cluster = new MiniCluster(new BackendPolicy { Limit = Limit, Overflow = Overflow.Wait, QueueCapacity = 100 });
        var events = new PriorityQueue<Event, TimeSpan>();
        var waiting = new List<(TestWaiter Waiter, string Holder, bool Modest, TimeSpan Since)>();
        var waits = new List<TimeSpan>();
        var (asked, refused) = (0, 0);
        var now = TimeSpan.Zero;
        for (var tenant = 0; tenant <= Modest; tenant++)
        {
            Arrive(tenant);
        }

        while (events.TryDequeue(out var next, out var at) && at < Duration)
        {
            cluster.Time.Advance(at - now);
            now = at;
            if (next.Holder is not null)
            {
                cluster.Release(next.Holder, next.Running);
            }
            else
            {
                Arrive(next.Tenant);
                var holder = random.Next(2) == 0 ? "a" : "b";
                var waiter = new TestWaiter();
                asked += next.Tenant > 0 ? 1 : 0;
                var result = cluster.Acquire(holder, waiter, new AdmissionRequest { Tenant = named ? $"t{next.Tenant}" : null });
                if (result.Answer == PoolAnswer.Waiting)
                {
                    waiting.Add((waiter, holder, next.Tenant > 0, now));
                }
                else
                {
                    Decide(result, holder, next.Tenant > 0, now);
                }
            }

            for (var i = waiting.Count - 1; i >= 0; i--)
            {
                if (waiting[i].Waiter.Result is { } decided)
                {
                    Decide(decided, waiting[i].Holder, waiting[i].Modest, waiting[i].Since);
                    waiting.RemoveAt(i);
                }
            }
        }

        waits.Sort();
        return new Figures(asked, refused, waits[waits.Count / 2], waits[waits.Count * 99 / 100]);

        void Arrive(int tenant)
        {
            var rate = tenant == 0 ? greedyRate : modestRate;
            if (rate > 0)
            {
                events.Enqueue(new Event(tenant, null, default), now + Exponential(TimeSpan.FromSeconds(1 / rate)));
            }
        }

        void Decide(in PoolResult result, string holder, bool modest, TimeSpan since)
        {
            if (result.Answer == PoolAnswer.Admitted)
            {
                events.Enqueue(new Event(0, holder, result), now + (constant ? Service : Exponential(Service)));
                if (modest)
                {
                    waits.Add(now - since);
                }
            }
            else
            {
                refused += modest ? 1 : 0;
            }
        }

        TimeSpan Exponential(TimeSpan mean) => mean * -Math.Log(1 - random.NextDouble());
    }

    private sealed record Event(int Tenant, string? Holder, PoolResult Running);

    private sealed record Figures(int Asked, int Refused, TimeSpan Median, TimeSpan P99);
}
