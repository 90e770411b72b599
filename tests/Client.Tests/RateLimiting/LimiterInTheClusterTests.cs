using System.Threading.RateLimiting;
using Admission.Capacity;
using Admission.Client.RateLimiting;

namespace Admission.Client.Tests.RateLimiting;

/// <summary>What only a limiter over a cluster does, and what holds there in place of a rule that it cannot keep.</summary>
public class LimiterInTheClusterTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly BackendPolicy Refuse = new() { Limit = 2 };
    private static readonly BackendPolicy Wait = new() { Limit = 2, Overflow = Overflow.Wait, QueueCapacity = 1000, MaxWait = TimeSpan.FromSeconds(60), IgnoresPatience = true };

    [Fact]
    public async Task Two_processes_have_one_limit()
    {
        var backend = ledger.NextBackend();
        using var one = await LimiterAsync(backend, Refuse);
        using var other = await LimiterAsync(backend, Refuse);

        using var first = await one.AcquireAsync();
        using var second = await other.AcquireAsync();

        first.IsAcquired.ShouldBeTrue();
        second.IsAcquired.ShouldBeTrue();
        (await one.AcquireAsync()).IsAcquired.ShouldBeFalse();
        (await other.AcquireAsync()).IsAcquired.ShouldBeFalse();
    }

    [Fact]
    public async Task Who_waits_gets_what_another_process_gives_back()
    {
        var backend = ledger.NextBackend();
        using var one = await LimiterAsync(backend, Wait);
        using var other = await LimiterAsync(backend, Wait);
        var held = await one.AcquireAsync(2);
        var waiting = other.AcquireAsync().AsTask();
        waiting.IsCompleted.ShouldBeFalse();

        held.Dispose();

        (await waiting.WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task An_attempt_knows_only_what_lies_here_and_the_limiter_fetches_some_for_the_next()
    {
        using var limiter = await LimiterAsync(ledger.NextBackend(), Refuse);

        var attempt = limiter.AttemptAcquire();
        attempt.IsAcquired.ShouldBeFalse("nothing has come from the ledger yet");
        attempt.TryGetMetadata(MetadataName.ReasonPhrase, out var phrase).ShouldBeTrue();
        phrase!.ShouldContain("AcquireAsync");

        (await SoonAsync(limiter)).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task A_refusal_says_which_rule_it_was_and_when_to_come_back()
    {
        using var limiter = await LimiterAsync(ledger.NextBackend(), Refuse);
        using var held = await limiter.AcquireAsync(2);

        var refused = await limiter.AcquireAsync();

        refused.TryGetMetadata(AdmissionMetadata.Reason, out var reason).ShouldBeTrue();
        reason.ShouldBe(RefusalReason.AtCapacity);
        refused.TryGetMetadata(MetadataName.ReasonPhrase, out var phrase).ShouldBeTrue();
        phrase.ShouldBe("at-capacity");
        refused.TryGetMetadata(MetadataName.RetryAfter, out var after).ShouldBeTrue();
        after.ShouldBeGreaterThan(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_lease_says_where_it_is_for_and_when_it_is_lost()
    {
        using var limiter = await LimiterAsync(ledger.NextBackend(), new() { Destinations = [new("a", 1), new("b", 1)] });
        using var one = await limiter.AcquireAsync();
        using var two = await limiter.AcquireAsync();

        one.TryGetMetadata(AdmissionMetadata.Destination, out var first).ShouldBeTrue();
        two.TryGetMetadata(AdmissionMetadata.Destination, out var second).ShouldBeTrue();
        new[] { first, second }.ShouldBe(["a", "b"], ignoreOrder: true);
        one.TryGetMetadata(AdmissionMetadata.LeaseLost, out var lost).ShouldBeTrue();
        lost.CanBeCanceled.ShouldBeTrue();
        lost.IsCancellationRequested.ShouldBeFalse();
    }

    [Fact]
    public async Task Without_an_own_limit_the_policy_says_how_many_wait()
    {
        using var limiter = await LimiterAsync(ledger.NextBackend(), Wait with { QueueCapacity = 1 });
        using var held = await limiter.AcquireAsync(2);
        var waiting = limiter.AcquireAsync().AsTask();

        (await limiter.AcquireAsync().AsTask().WaitAsync(Patience)).IsAcquired.ShouldBeFalse();

        waiting.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_backend_that_is_not_configured_is_refused_until_it_is()
    {
        var client = ledger.Cluster.Client();
        var backend = ledger.NextBackend();
        using var limiter = new AdmissionRateLimiter(client, backend);
        var refused = await limiter.AcquireAsync();
        refused.TryGetMetadata(AdmissionMetadata.Reason, out var reason).ShouldBeTrue();
        reason.ShouldBe(RefusalReason.UnknownBackend);

        await client.ConfigureAsync(backend, Refuse);

        (await limiter.AcquireAsync()).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task A_backend_that_is_removed_and_configured_again_goes_on_and_old_leases_find_their_way_back()
    {
        var client = ledger.Cluster.Client();
        var backend = ledger.NextBackend();
        await client.ConfigureAsync(backend, Refuse);
        using var limiter = new AdmissionRateLimiter(client, backend);
        var held = await limiter.AcquireAsync(2);
        client.Remove(backend);
        await client.ConfigureAsync(backend, Wait);
        var waiting = limiter.AcquireAsync(2).AsTask();
        waiting.IsCompleted.ShouldBeFalse();

        held.Dispose();

        (await waiting.WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task An_idle_limiter_that_is_disposed_leaves_the_backend_to_the_others()
    {
        var client = ledger.Cluster.Client();
        var backend = ledger.NextBackend();
        await client.ConfigureAsync(backend, Refuse);
        var one = new AdmissionRateLimiter(client, backend);
        using var other = new AdmissionRateLimiter(client, backend);
        using var held = await one.AcquireAsync();
        one.Dispose();

        (await other.AcquireAsync()).IsAcquired.ShouldBeTrue();
        (await other.AcquireAsync()).IsAcquired.ShouldBeFalse("what the disposed one lent out is still in use");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_limiter_takes_to_look_is_no_work_that_was_served(bool asks)
    {
        var grains = ledger.Cluster.Grains;
        var reports = SeenReports.Before(ref grains);
        var client = ledger.Cluster.Client(grains);
        var backend = ledger.NextBackend();
        (await client.ConfigureAsync(backend, Wait with { Limit = 1 })).Errors.ShouldBeEmpty();

        // On a machine that is busy the first answer of a new ledger may take longer than it does by default, and then only another attempt asks again.
        using var limiter = new AdmissionRateLimiter(client, backend, new() { AnswerWithin = TimeSpan.FromSeconds(10) });
        var served = 0;
        if (asks)
        {
            // For no permits: it has waited for one and does nothing with it.
            var held = await limiter.AcquireAsync();
            var asking = limiter.AcquireAsync(0).AsTask();
            asking.IsCompleted.ShouldBeFalse();
            held.Dispose();
            (await asking.WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
            served = 1;
        }
        else
        {
            // An attempt in vain: the limiter fetches a permit for the next.
            limiter.AttemptAcquire().IsAcquired.ShouldBeFalse();
        }

        using var patience = new CancellationTokenSource(Patience);
        while (!reports.Any(report => report.Work.Completed == served + 1))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), patience.Token);
        }

        reports.Max(report => report.Work.Sampled).ShouldBe(served, "a time of nothing would make mean times, Retry-After and limits that find themselves too low");
    }

    [Fact]
    public void Every_impossible_setting_is_named()
    {
        var wrong = Should.Throw<ArgumentException>(() => new AdmissionRateLimiter(
            ledger.Cluster.Client(), "b", new() { QueueLimit = -1, Priority = 100, Tenant = "", MaxWait = TimeSpan.Zero, AnswerWithin = TimeSpan.Zero, QueueProcessingOrder = (QueueProcessingOrder)7 }));

        foreach (var setting in new[] { "QueueLimit", "Priority", "Tenant", "MaxWait", "AnswerWithin", "QueueProcessingOrder" })
        {
            wrong.Message.ShouldContain($"{setting}: ");
        }
    }

    [Fact]
    public async Task A_lease_costs_no_more_memory_than_the_frameworks()
    {
        using var limiter = await LimiterAsync(ledger.NextBackend(), Refuse);
        (await limiter.AcquireAsync(2)).Dispose();
        (await SoonAsync(limiter)).Dispose();
        using var framework = new ConcurrencyLimiter(new() { PermitLimit = 2, QueueLimit = 0 });

        BytesOf(limiter).ShouldBeLessThanOrEqualTo(BytesOf(framework));
    }

    /// <summary>The least of several measurements: the runtime sometimes allocates something of its own.</summary>
    private static double BytesOf(RateLimiter limiter) => Enumerable.Range(0, 5).Min(_ =>
    {
        const int Turns = 1_000;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var turn = 0; turn < Turns; turn++)
        {
            using var attempt = limiter.AttemptAcquire();
            attempt.IsAcquired.ShouldBeTrue();
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)Turns;
    });

    private static async Task<RateLimitLease> SoonAsync(RateLimiter limiter)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var attempt = limiter.AttemptAcquire();
            if (attempt.IsAcquired)
            {
                return attempt;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(5), patience.Token);
        }
    }

    private async Task<AdmissionRateLimiter> LimiterAsync(string backend, BackendPolicy policy) => new(await ledger.Cluster.ClientAsync(backend, policy), backend);
}
