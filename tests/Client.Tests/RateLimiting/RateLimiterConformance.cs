using System.Threading.RateLimiting;

namespace Admission.Client.Tests.RateLimiting;

/// <summary>
/// What a <see cref="RateLimiter"/> with a limit on what is in use at once does: the list in docs/client.md, a test for each line, run over the framework's own limiter and over Admission's.
/// </summary>
public abstract partial class RateLimiterConformance
{
    protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>A limiter whose permits are where an attempt finds them.</summary>
    protected abstract Task<RateLimiter> MakeAsync(int permits, int queue, QueueProcessingOrder order);

    [Fact]
    public async Task An_attempt_takes_permits_up_to_the_limit_and_not_one_more()
    {
        using var limiter = await CreateAsync(2);
        using var one = limiter.AttemptAcquire();
        using var two = limiter.AttemptAcquire();
        using var three = limiter.AttemptAcquire();

        one.IsAcquired.ShouldBeTrue();
        two.IsAcquired.ShouldBeTrue();
        three.IsAcquired.ShouldBeFalse();
    }

    [Fact]
    public async Task An_attempt_never_waits_and_never_queues()
    {
        using var limiter = await CreateAsync(1, queue: 5);
        using var held = limiter.AttemptAcquire();

        limiter.AttemptAcquire().IsAcquired.ShouldBeFalse();

        limiter.GetStatistics()!.CurrentQueuedCount.ShouldBe(0);
    }

    [Fact]
    public async Task What_is_given_back_can_be_taken_again()
    {
        using var limiter = await CreateAsync(1);
        limiter.AttemptAcquire().Dispose();

        limiter.AttemptAcquire().IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task Acquiring_ends_at_once_while_there_is_room()
    {
        using var limiter = await CreateAsync(1);
        var acquired = limiter.AcquireAsync();

        acquired.IsCompletedSuccessfully.ShouldBeTrue();
        (await acquired).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task Acquiring_waits_when_it_is_full_and_gets_what_comes_back()
    {
        using var limiter = await CreateAsync(1, queue: 1);
        var held = limiter.AttemptAcquire();
        var waiting = limiter.AcquireAsync().AsTask();
        waiting.IsCompleted.ShouldBeFalse();

        held.Dispose();

        (await waiting.WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task Several_permits_are_taken_together_or_not_at_all()
    {
        using var limiter = await CreateAsync(3);
        using var two = limiter.AttemptAcquire(2);

        two.IsAcquired.ShouldBeTrue();
        limiter.AttemptAcquire(2).IsAcquired.ShouldBeFalse();
        limiter.AttemptAcquire().IsAcquired.ShouldBeTrue("the one that is left was not taken");
    }

    [Fact]
    public async Task Several_permits_come_back_together()
    {
        using var limiter = await CreateAsync(3);
        limiter.AttemptAcquire(3).Dispose();

        limiter.AttemptAcquire(3).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task More_permits_than_the_limit_are_a_mistake_of_the_caller()
    {
        using var limiter = await CreateAsync(2, queue: 10);

        Should.Throw<ArgumentOutOfRangeException>(() => limiter.AttemptAcquire(3)).ActualValue.ShouldBe(3);
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await limiter.AcquireAsync(3));
    }

    [Fact]
    public async Task Fewer_permits_than_none_are_a_mistake_of_the_caller()
    {
        using var limiter = await CreateAsync(2);

        Should.Throw<ArgumentOutOfRangeException>(() => limiter.AttemptAcquire(-1));
        await Should.ThrowAsync<ArgumentOutOfRangeException>(async () => await limiter.AcquireAsync(-1));
    }

    [Fact]
    public async Task An_attempt_at_no_permits_says_whether_there_is_room()
    {
        using var limiter = await CreateAsync(1);
        limiter.AttemptAcquire(0).IsAcquired.ShouldBeTrue();

        using var held = limiter.AttemptAcquire();

        limiter.AttemptAcquire(0).IsAcquired.ShouldBeFalse();
    }

    [Fact]
    public async Task Acquiring_no_permits_takes_none()
    {
        using var limiter = await CreateAsync(1);
        (await limiter.AcquireAsync(0)).IsAcquired.ShouldBeTrue();
        limiter.IdleDuration.ShouldNotBeNull();

        limiter.AttemptAcquire().IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task Acquiring_no_permits_waits_for_room_and_takes_none()
    {
        using var limiter = await CreateAsync(1, queue: 1);
        var held = limiter.AttemptAcquire();
        var waiting = limiter.AcquireAsync(0).AsTask();
        waiting.IsCompleted.ShouldBeFalse();
        limiter.GetStatistics()!.CurrentQueuedCount.ShouldBe(0, "who asks for none takes no place");

        held.Dispose();

        (await waiting.WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
        (await limiter.AcquireAsync().AsTask().WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task The_oldest_is_served_first()
    {
        using var limiter = await CreateAsync(1, queue: 3);
        var held = limiter.AttemptAcquire();
        var first = limiter.AcquireAsync().AsTask();
        var second = limiter.AcquireAsync().AsTask();

        held.Dispose();
        held = await first.WaitAsync(Patience);

        held.IsAcquired.ShouldBeTrue();
        second.IsCompleted.ShouldBeFalse();
        held.Dispose();
        (await second.WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task The_newest_is_served_first_where_it_is_asked_for()
    {
        using var limiter = await CreateAsync(1, queue: 3, QueueProcessingOrder.NewestFirst);
        var held = limiter.AttemptAcquire();
        var first = limiter.AcquireAsync().AsTask();
        var second = limiter.AcquireAsync().AsTask();

        held.Dispose();
        held = await second.WaitAsync(Patience);

        held.IsAcquired.ShouldBeTrue();
        first.IsCompleted.ShouldBeFalse();
        held.Dispose();
        (await first.WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task Who_asks_for_much_is_not_overtaken_by_who_asks_for_less()
    {
        using var limiter = await CreateAsync(2, queue: 3);
        var (one, two) = (limiter.AttemptAcquire(), limiter.AttemptAcquire());
        var much = limiter.AcquireAsync(2).AsTask();
        var less = limiter.AcquireAsync().AsTask();

        one.Dispose();
        less.IsCompleted.ShouldBeFalse();
        two.Dispose();
        var got = await much.WaitAsync(Patience);

        got.IsAcquired.ShouldBeTrue();
        less.IsCompleted.ShouldBeFalse();
        got.Dispose();
        (await less.WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task An_attempt_does_not_overtake_who_waits()
    {
        using var limiter = await CreateAsync(2, queue: 3);
        using var held = limiter.AttemptAcquire();
        var much = limiter.AcquireAsync(2).AsTask();

        limiter.AttemptAcquire().IsAcquired.ShouldBeFalse("the one that is free is for who waits");

        held.Dispose();
        (await much.WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task A_place_in_the_queue_that_is_given_up_is_another_s()
    {
        using var limiter = await CreateAsync(1, queue: 1);
        var held = limiter.AttemptAcquire();
        using var leaving = new CancellationTokenSource();
        _ = limiter.AcquireAsync(1, leaving.Token).AsTask();
        (await limiter.AcquireAsync().AsTask().WaitAsync(Patience)).IsAcquired.ShouldBeFalse();

        await leaving.CancelAsync();
        var next = limiter.AcquireAsync().AsTask();

        next.IsCompleted.ShouldBeFalse();
        held.Dispose();
        (await next.WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task What_comes_back_at_once_serves_as_many_as_it_can()
    {
        using var limiter = await CreateAsync(3, queue: 10);
        var held = limiter.AttemptAcquire(3);
        var waiting = Enumerable.Range(0, 3).Select(_ => limiter.AcquireAsync().AsTask()).ToArray();

        held.Dispose();

        (await Task.WhenAll(waiting).WaitAsync(Patience)).ShouldAllBe(lease => lease.IsAcquired);
        limiter.AttemptAcquire().IsAcquired.ShouldBeFalse();
    }

    [Fact]
    public async Task A_queue_of_any_length_does_not_overflow()
    {
        using var limiter = await CreateAsync(2, queue: int.MaxValue);
        using var held = limiter.AttemptAcquire(2);
        var first = limiter.AcquireAsync(2).AsTask();
        var second = limiter.AcquireAsync(2).AsTask();

        limiter.GetStatistics()!.CurrentQueuedCount.ShouldBe(4);
        first.IsCompleted.ShouldBeFalse();
        second.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task Nobody_waits_beyond_the_queues_limit()
    {
        using var limiter = await CreateAsync(1, queue: 1);
        using var held = limiter.AttemptAcquire();
        var waiting = limiter.AcquireAsync().AsTask();

        var refused = await limiter.AcquireAsync().AsTask().WaitAsync(Patience);

        refused.IsAcquired.ShouldBeFalse();
        waiting.IsCompleted.ShouldBeFalse();
        refused.TryGetMetadata(MetadataName.ReasonPhrase, out var reason).ShouldBeTrue();
        reason.ShouldNotBeNullOrEmpty();
    }

    [Fact]
    public async Task Without_a_queue_nobody_waits()
    {
        using var limiter = await CreateAsync(1);
        using var held = limiter.AttemptAcquire();

        (await limiter.AcquireAsync().AsTask().WaitAsync(Patience)).IsAcquired.ShouldBeFalse();
    }

    [Fact]
    public async Task The_queues_limit_counts_permits_and_not_callers()
    {
        using var limiter = await CreateAsync(2, queue: 3);
        using var held = limiter.AttemptAcquire(2);
        _ = limiter.AcquireAsync(2).AsTask();

        limiter.GetStatistics()!.CurrentQueuedCount.ShouldBe(2);
        (await limiter.AcquireAsync(2).AsTask().WaitAsync(Patience)).IsAcquired.ShouldBeFalse();
        var fits = limiter.AcquireAsync().AsTask();

        fits.IsCompleted.ShouldBeFalse();
        limiter.GetStatistics()!.CurrentQueuedCount.ShouldBe(3);
    }

    [Fact]
    public async Task Newest_first_a_full_queue_drops_its_oldest()
    {
        using var limiter = await CreateAsync(1, queue: 1, QueueProcessingOrder.NewestFirst);
        var held = limiter.AttemptAcquire();
        var oldest = limiter.AcquireAsync().AsTask();
        var newest = limiter.AcquireAsync().AsTask();

        (await oldest.WaitAsync(Patience)).IsAcquired.ShouldBeFalse();
        limiter.GetStatistics()!.CurrentQueuedCount.ShouldBe(1);
        held.Dispose();

        (await newest.WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task Newest_first_as_many_are_dropped_as_are_in_the_way()
    {
        using var limiter = await CreateAsync(2, queue: 2, QueueProcessingOrder.NewestFirst);
        var held = limiter.AttemptAcquire(2);
        var older = limiter.AcquireAsync().AsTask();
        var old = limiter.AcquireAsync().AsTask();
        var newest = limiter.AcquireAsync(2).AsTask();

        (await older.WaitAsync(Patience)).IsAcquired.ShouldBeFalse();
        (await old.WaitAsync(Patience)).IsAcquired.ShouldBeFalse();
        held.Dispose();

        (await newest.WaitAsync(Patience)).IsAcquired.ShouldBeTrue();
    }

    [Fact]
    public async Task Newest_first_nobody_is_dropped_for_who_would_not_fit()
    {
        using var limiter = await CreateAsync(2, queue: 1, QueueProcessingOrder.NewestFirst);
        using var held = limiter.AttemptAcquire(2);
        var waiting = limiter.AcquireAsync().AsTask();

        (await limiter.AcquireAsync(2).AsTask().WaitAsync(Patience)).IsAcquired.ShouldBeFalse();

        waiting.IsCompleted.ShouldBeFalse();
    }

    private Task<RateLimiter> CreateAsync(int permits, int queue = 0, QueueProcessingOrder order = QueueProcessingOrder.OldestFirst) => MakeAsync(permits, queue, order);

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
