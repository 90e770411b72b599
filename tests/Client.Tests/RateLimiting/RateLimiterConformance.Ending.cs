using System.Threading.RateLimiting;

namespace Admission.Client.Tests.RateLimiting;

/// <content>Giving back, disposing, leaving, and what can be read.</content>
public abstract partial class RateLimiterConformance
{
    [Fact]
    public async Task A_lease_that_is_disposed_twice_gives_back_once()
    {
        using var limiter = await CreateAsync(2);
        var (one, two) = (limiter.AttemptAcquire(), limiter.AttemptAcquire());
        one.Dispose();
        one.Dispose();

        limiter.AttemptAcquire().IsAcquired.ShouldBeTrue();
        limiter.AttemptAcquire().IsAcquired.ShouldBeFalse("the other one is still in use");
        two.Dispose();
    }

    [Fact]
    public async Task A_refused_lease_may_be_disposed_and_gives_nothing_back()
    {
        using var limiter = await CreateAsync(1);
        using var held = limiter.AttemptAcquire();
        limiter.AttemptAcquire().Dispose();

        limiter.AttemptAcquire().IsAcquired.ShouldBeFalse();
    }

    [Fact]
    public async Task Disposing_the_limiter_refuses_who_waits()
    {
        var limiter = await CreateAsync(1, queue: 2);
        using var held = limiter.AttemptAcquire();
        var one = limiter.AcquireAsync().AsTask();
        var other = limiter.AcquireAsync().AsTask();

        limiter.Dispose();

        (await one.WaitAsync(Patience)).IsAcquired.ShouldBeFalse();
        (await other.WaitAsync(Patience)).IsAcquired.ShouldBeFalse();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_disposed_limiter_says_so(bool asynchronously)
    {
        var limiter = await CreateAsync(1);
        if (asynchronously)
        {
            await limiter.DisposeAsync();
        }
        else
        {
            limiter.Dispose();
        }

        limiter.Dispose();
        await limiter.DisposeAsync();
        Should.Throw<ObjectDisposedException>(() => limiter.AttemptAcquire());
        await Should.ThrowAsync<ObjectDisposedException>(async () => await limiter.AcquireAsync());
        Should.Throw<ObjectDisposedException>(() => limiter.GetStatistics());
    }

    [Fact]
    public async Task What_was_lent_out_can_be_given_back_after_the_limiter_is_disposed()
    {
        var limiter = await CreateAsync(1);
        var held = limiter.AttemptAcquire();
        limiter.Dispose();

        Should.NotThrow(held.Dispose);
    }

    [Fact]
    public async Task Who_has_left_before_takes_nothing()
    {
        using var limiter = await CreateAsync(1, queue: 1);
        using var left = new CancellationTokenSource();
        await left.CancelAsync();

        var cancelled = await Should.ThrowAsync<OperationCanceledException>(async () => await limiter.AcquireAsync(1, left.Token));

        cancelled.CancellationToken.ShouldBe(left.Token);
        limiter.AttemptAcquire().IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task Who_leaves_while_waiting_gives_the_place_up()
    {
        using var limiter = await CreateAsync(1, queue: 1);
        var held = limiter.AttemptAcquire();
        using var leaving = new CancellationTokenSource();
        var gone = limiter.AcquireAsync(1, leaving.Token).AsTask();

        await leaving.CancelAsync();

        (await Should.ThrowAsync<OperationCanceledException>(() => gone.WaitAsync(Patience))).CancellationToken.ShouldBe(leaving.Token);
        limiter.GetStatistics()!.CurrentQueuedCount.ShouldBe(0);
        var next = limiter.AcquireAsync().AsTask();
        held.Dispose();
        (await next.WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task Who_leaves_in_front_of_others_holds_nobody_up()
    {
        using var limiter = await CreateAsync(1, queue: 3);
        var held = limiter.AttemptAcquire();
        using var leaving = new CancellationTokenSource();
        var gone = limiter.AcquireAsync(1, leaving.Token).AsTask();
        var next = limiter.AcquireAsync().AsTask();
        await leaving.CancelAsync();

        held.Dispose();

        (await next.WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
        gone.IsCanceled.ShouldBeTrue();
    }

    [Fact]
    public async Task Leaving_after_the_answer_changes_nothing()
    {
        using var limiter = await CreateAsync(1, queue: 1);
        var held = limiter.AttemptAcquire();
        using var leaving = new CancellationTokenSource();
        var waiting = limiter.AcquireAsync(1, leaving.Token).AsTask();
        held.Dispose();
        using var got = await waiting.WaitAsync(Patience);

        await leaving.CancelAsync();

        got.IsAcquired.ShouldBeTrue();
        limiter.AttemptAcquire().IsAcquired.ShouldBeFalse("it is still in use");
    }

    [Fact]
    public async Task Disposing_the_limiter_after_somebody_has_left_tells_nobody_twice()
    {
        var limiter = await CreateAsync(1, queue: 1);
        var held = limiter.AttemptAcquire();
        using var leaving = new CancellationTokenSource();
        var waiting = limiter.AcquireAsync(1, leaving.Token).AsTask();
        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting.WaitAsync(Patience));

        Should.NotThrow(limiter.Dispose);
        Should.NotThrow(held.Dispose);
        waiting.IsCanceled.ShouldBeTrue();
    }

    [Fact]
    public async Task Leaving_and_giving_back_at_the_same_time_loses_no_permit()
    {
        using var limiter = await CreateAsync(1, queue: 1);
        for (var round = 0; round < 50; round++)
        {
            var held = await limiter.AcquireAsync().AsTask().WaitAsync(Patience);
            held.IsAcquired.ShouldBeTrue();
            using var leaving = new CancellationTokenSource();
            var waiting = limiter.AcquireAsync(1, leaving.Token).AsTask();
            await Task.WhenAll(Task.Run(held.Dispose), Task.Run(leaving.Cancel)).WaitAsync(Patience);
            try
            {
                (await waiting.WaitAsync(Patience)).Dispose();
            }
            catch (OperationCanceledException) when (waiting.IsCanceled)
            {
                // One of the two came first.
            }
        }

        (await limiter.AcquireAsync().AsTask().WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task Statistics_tell_what_is_free_what_waits_and_what_was_answered()
    {
        using var limiter = await CreateAsync(3, queue: 10);
        var before = limiter.GetStatistics()!;
        var one = limiter.AttemptAcquire();
        using var two = limiter.AttemptAcquire(2);
        limiter.AttemptAcquire().IsAcquired.ShouldBeFalse();
        var waiting = limiter.AcquireAsync().AsTask();

        var during = limiter.GetStatistics()!;
        one.Dispose();
        using var got = await waiting.WaitAsync(Patience);
        var after = limiter.GetStatistics()!;

        before.CurrentAvailablePermits.ShouldBe(3);
        during.CurrentAvailablePermits.ShouldBe(0);
        during.CurrentQueuedCount.ShouldBe(1);
        (during.TotalSuccessfulLeases - before.TotalSuccessfulLeases).ShouldBe(2);
        (during.TotalFailedLeases - before.TotalFailedLeases).ShouldBe(1);
        after.CurrentQueuedCount.ShouldBe(0);
        (after.TotalSuccessfulLeases - before.TotalSuccessfulLeases).ShouldBe(3);
        (after.TotalFailedLeases - before.TotalFailedLeases).ShouldBe(1);
    }

    [Fact]
    public async Task Idle_is_who_has_lent_nothing_out()
    {
        using var limiter = await CreateAsync(2);
        limiter.IdleDuration.ShouldNotBeNull();
        var (one, two) = (limiter.AttemptAcquire(), limiter.AttemptAcquire());
        limiter.IdleDuration.ShouldBeNull();
        one.Dispose();
        limiter.IdleDuration.ShouldBeNull();

        two.Dispose();

        limiter.IdleDuration.ShouldNotBeNull().ShouldBeGreaterThanOrEqualTo(TimeSpan.Zero);
    }

    [Fact]
    public async Task Every_name_of_metadata_has_a_value_and_no_other_has()
    {
        using var limiter = await CreateAsync(1);
        using var held = limiter.AttemptAcquire();
        var refused = await limiter.AcquireAsync().AsTask().WaitAsync(Patience);

        refused.MetadataNames.ShouldContain(MetadataName.ReasonPhrase.Name);
        foreach (var name in refused.MetadataNames)
        {
            refused.TryGetMetadata(name, out var value).ShouldBeTrue(name);
            value.ShouldNotBeNull();
        }

        foreach (var lease in new[] { held, refused })
        {
            lease.TryGetMetadata("nobody knows this", out var nothing).ShouldBeFalse();
            nothing.ShouldBeNull();
        }
    }

    [Fact]
    public async Task Under_load_never_more_than_the_limit_and_everybody_is_served()
    {
        using var limiter = await CreateAsync(3, queue: 1000);
        var (inUse, most, served) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 20).Select(worker => Task.Run(async () =>
        {
            for (var turn = 0; turn < 20; turn++)
            {
                using var lease = await limiter.AcquireAsync(1 + ((worker + turn) % 3));
                lease.IsAcquired.ShouldBeTrue();
                var now = Interlocked.Add(ref inUse, 1 + ((worker + turn) % 3));
                InterlockedMax(ref most, now);
                await Task.Yield();
                Interlocked.Add(ref inUse, -(1 + ((worker + turn) % 3)));
                Interlocked.Increment(ref served);
            }
        }))).WaitAsync(TimeSpan.FromSeconds(60));

        served.ShouldBe(400);
        most.ShouldBeInRange(1, 3);
    }
}
