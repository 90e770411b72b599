using System.Threading.RateLimiting;
using Admission.Capacity;
using Admission.Client.RateLimiting;

namespace Admission.Client.Tests.RateLimiting;

public class PartitionedTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    [Fact]
    public async Task Each_key_is_the_backend_of_that_name()
    {
        var (client, one, other) = await TwoBackendsAsync();
        using var limiter = new AdmissionPartitionedRateLimiter<string>(client, static key => key);

        using var first = await limiter.AcquireAsync(one);

        first.IsAcquired.ShouldBeTrue();
        (await limiter.AcquireAsync(one)).IsAcquired.ShouldBeFalse();
        (await limiter.AcquireAsync(one.ToUpperInvariant())).IsAcquired.ShouldBeFalse("letter case does not matter");
        (await limiter.AcquireAsync(other)).IsAcquired.ShouldBeTrue();
        limiter.GetStatistics(one)!.TotalSuccessfulLeases.ShouldBe(1);
    }

    [Fact]
    public async Task A_key_that_is_no_backend_is_refused_and_leaves_nothing_behind()
    {
        var (client, _, _) = await TwoBackendsAsync();
        using var limiter = new AdmissionPartitionedRateLimiter<string>(client, static key => key);

        var refused = await limiter.AcquireAsync("from outside");

        refused.IsAcquired.ShouldBeFalse();
        refused.TryGetMetadata(AdmissionMetadata.Reason, out var reason).ShouldBeTrue();
        reason.ShouldBe(RefusalReason.UnknownBackend);
        limiter.AttemptAcquire("from outside").IsAcquired.ShouldBeFalse();
        limiter.GetStatistics("from outside").ShouldBeNull();
    }

    [Fact]
    public async Task Disposing_it_ends_every_partition()
    {
        var (client, one, _) = await TwoBackendsAsync();
        var limiter = new AdmissionPartitionedRateLimiter<string>(client, static key => key);
        using var held = await limiter.AcquireAsync(one);

        limiter.Dispose();

        Should.Throw<ObjectDisposedException>(() => limiter.AttemptAcquire(one));
    }

    [Fact]
    public async Task The_frameworks_own_partitions_take_it_too()
    {
        var (client, one, other) = await TwoBackendsAsync();
        using var limiter = PartitionedRateLimiter.Create<string, string>(
            key => RateLimitPartition.Get(key, backend => new AdmissionRateLimiter(client, backend)));

        using var first = await limiter.AcquireAsync(one);

        first.IsAcquired.ShouldBeTrue();
        (await limiter.AcquireAsync(one)).IsAcquired.ShouldBeFalse();
        (await limiter.AcquireAsync(other)).IsAcquired.ShouldBeTrue();
    }

    private async Task<(AdmissionClient Client, string One, string Other)> TwoBackendsAsync()
    {
        var (one, other) = (ledger.NextBackend(), ledger.NextBackend());
        var client = await ledger.Cluster.ClientAsync(one, new BackendPolicy { Limit = 1 });
        (await client.ConfigureAsync(other, new BackendPolicy { Limit = 1 })).Errors.ShouldBeEmpty();
        return (client, one, other);
    }
}
