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
    [InlineData(0.1, false)]
    [InlineData(0.25, false)]
    [InlineData(0.25, true)]
    [InlineData(0.5, false)]
    [InlineData(0.5, true)]
    public void A_greedy_tenant_moves_the_p99_wait_of_a_modest_one_by_no_more_than_a_service_time(double part, bool constant)
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
        (beside.P99 - alone.P99).ShouldBeLessThanOrEqualTo(Service);
        unnamed.P99.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(500), "which is what the fairness is for");
        ((double)unnamed.Refused / unnamed.Asked).ShouldBeGreaterThan(0.5);
    }

    /// <summary>
    /// The table of docs/algorithms.md has these over 100,000 requests. What is allowed beyond a priority of their own is what so few requests leave uncertain.
    /// </summary>
    [Theory]
    [InlineData(1, true)]
    [InlineData(4, true)]
    [InlineData(16, true)]
    [InlineData(64, true)]
    [InlineData(1, false)]
    [InlineData(4, false)]
    [InlineData(16, false)]
    [InlineData(64, false)]
    public void It_is_moved_by_no_more_than_a_service_time_or_than_with_a_priority_of_their_own(int limit, bool constant)
    {
        foreach (var part in new[] { 0.25, 0.5, 0.75, 0.9 })
        {
            var alone = new FairLab { Limit = limit, Part = part, Constant = constant }.P99(greedy: false);
            var lab = new FairLab { Limit = limit, Part = part, Constant = constant };
            var moved = lab.P99(greedy: true) - alone;
            var best = new FairLab { Limit = limit, Part = part, Constant = constant, Scheme = FairScheme.OwnPriority }.P99(greedy: true) - alone;
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{part:P0}: {alone:F2} alone, moved by {moved:F2} service times; by {best:F2} with a priority of their own"));
            moved.ShouldBeLessThan(Math.Max(1.02, best + 0.2 + (0.05 * alone)), $"at {part:P0} of the share");
            lab.GreedyPart.ShouldBe(1 - lab.Busy, 0.03, "the greedy one has all that they leave");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void Without_the_credit_it_is_moved_by_many(int limit)
    {
        var alone = new FairLab { Limit = limit, Part = 0.75, Scheme = FairScheme.Plain }.P99(greedy: false);
        var beside = new FairLab { Limit = limit, Part = 0.75, Scheme = FairScheme.Plain }.P99(greedy: true);
        (beside - alone).ShouldBeGreaterThan(2);
    }

    /// <summary>The bound of docs/algorithms.md, and the laboratory against it: with exponential times both are known exactly.</summary>
    [Theory]
    [InlineData(1, 0.25, 0.227, 0.227, 4.04, 5.96)]
    [InlineData(1, 0.9, 0.818, 0.818, 24.2, 25.3)]
    [InlineData(4, 0.25, 0.227, 0.015, 0.13, 1.49)]
    [InlineData(4, 0.5, 0.455, 0.132, 1.18, 2.11)]
    [InlineData(16, 0.9, 0.818, 0.348, 1.22, 1.58)]
    [InlineData(64, 0.5, 0.455, 0, 0, 0.13)]
    public void Nobody_can_do_better_than_to_serve_them_first_and_in_order(int limit, double part, double busy, double waits, double alone, double beside)
    {
        var lab = new FairLab { Limit = limit, Part = part, Scheme = FairScheme.OwnPriorityInOrder, Requests = 20_000 };
        var best = FairLab.Best(limit, lab.Busy);
        lab.Busy.ShouldBe(busy, 0.0005);
        best.Waits.ShouldBe(waits, 0.0005);
        best.Alone.ShouldBe(alone, alone > 10 ? 0.05 : 0.005);
        best.Beside.ShouldBe(beside, beside > 10 ? 0.05 : 0.005);
        lab.P99(greedy: true).ShouldBe(best.Beside, 0.15 * best.Beside);
    }

    private void Tell(string what, Figures figures) => output.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{what}: {figures.Asked} modest requests, {figures.Refused} refused, median wait {figures.Median.TotalMilliseconds:F1} ms, p99 {figures.P99.TotalMilliseconds:F1} ms"));

    /// <summary>
    /// Poisson arrivals and exponential service times. Half of what is asked comes to each of two pools. The modest requests come at the same instants and take as long, whatever the greedy one does.
    /// </summary>
    private static Figures Run(double modestRate, double greedyRate, bool named, bool constant)
    {
        var (modest, greedy) = (new Random(4711), new Random(4712));
        var cluster = new MiniCluster(new BackendPolicy { Limit = Limit, Overflow = Overflow.Wait, QueueCapacity = 100 });
        var events = new PriorityQueue<Event, TimeSpan>();
        var waiting = new List<(TestWaiter Waiter, string Holder, bool Modest, TimeSpan Since, TimeSpan Takes)>();
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
                var holder = Of(next.Tenant).Next(2) == 0 ? "a" : "b";
                var waiter = new TestWaiter();
                asked += next.Tenant > 0 ? 1 : 0;
                var result = cluster.Acquire(holder, waiter, new AdmissionRequest { Tenant = named ? $"t{next.Tenant}" : null });
                if (result.Answer == PoolAnswer.Waiting)
                {
                    waiting.Add((waiter, holder, next.Tenant > 0, now, next.Takes));
                }
                else
                {
                    Decide(result, holder, next.Tenant > 0, now, next.Takes);
                }
            }

            for (var i = waiting.Count - 1; i >= 0; i--)
            {
                if (waiting[i].Waiter.Result is { } decided)
                {
                    Decide(decided, waiting[i].Holder, waiting[i].Modest, waiting[i].Since, waiting[i].Takes);
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
                var at = now + Exponential(Of(tenant), TimeSpan.FromSeconds(1 / rate));
                events.Enqueue(new Event(tenant, null, default, constant ? Service : Exponential(Of(tenant), Service)), at);
            }
        }

        void Decide(in PoolResult result, string holder, bool isModest, TimeSpan since, TimeSpan takes)
        {
            if (result.Answer == PoolAnswer.Admitted)
            {
                events.Enqueue(new Event(0, holder, result, default), now + takes);
                if (isModest)
                {
                    waits.Add(now - since);
                }
            }
            else
            {
                refused += isModest ? 1 : 0;
            }
        }

        Random Of(int tenant) => tenant > 0 ? modest : greedy;

        static TimeSpan Exponential(Random random, TimeSpan mean) => mean * -Math.Log(1 - random.NextDouble());
    }

    private sealed record Event(int Tenant, string? Holder, PoolResult Running, TimeSpan Takes);

    private sealed record Figures(int Asked, int Refused, TimeSpan Median, TimeSpan P99);
}
