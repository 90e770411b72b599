using System.Collections.Concurrent;
using Admission.Capacity;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace Admission.Client.Tests;

public class AdmissionClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly BackendPolicy Refuse = new() { Limit = 2 };
    private static readonly BackendPolicy Wait = new() { Limit = 2, Overflow = Overflow.Wait, QueueCapacity = 1000, MaxWait = TimeSpan.FromSeconds(30) };

    [Fact]
    public async Task Admits_up_to_the_limit_over_two_clients()
    {
        await using var cluster = await TestCluster.StartAsync();
        var one = await cluster.ClientAsync("b", Refuse);
        var other = await cluster.ClientAsync("b", Refuse);

        var first = await one.AcquireAsync("b");
        var second = await other.AcquireAsync("b");
        first.IsAdmitted.ShouldBeTrue();
        second.IsAdmitted.ShouldBeTrue();
        (await one.AcquireAsync("b")).Refusal!.Reason.ShouldBe(RefusalReason.AtCapacity);
        (await other.AcquireAsync("b")).Refusal!.Reason.ShouldBe(RefusalReason.AtCapacity);

        // The other one refuses by its saturation notice for a moment longer; a third has none, and the ledger hears of the release within a hop.
        var third = await cluster.ClientAsync("b", Refuse);
        first.Permit.Dispose();
        await UntilAsync(async () => (await one.DescribeAsync("b"))!.Occupancy.InUse == 1);
        (await third.AcquireAsync("b").AsTask().WaitAsync(Patience)).IsAdmitted.ShouldBeTrue("the permit that is idle at the first holder is recalled");
    }

    [Fact]
    public async Task An_unknown_backend_is_refused_with_that_reason()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = cluster.Client();
        (await client.AcquireAsync("nowhere")).Refusal!.Reason.ShouldBe(RefusalReason.UnknownBackend);
    }

    [Fact]
    public async Task A_wrong_policy_is_refused_with_every_reason()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = cluster.Client();
        var answer = await client.ConfigureAsync("b", new BackendPolicy { Limit = -1, LeaseTtl = TimeSpan.Zero });
        answer.Errors.Length.ShouldBe(2);
    }

    [Fact]
    public async Task A_client_that_leaves_gives_its_ticket_up()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await cluster.ClientAsync("b", Wait);
        var held = await client.AcquireAsync("b");
        var alsoHeld = await client.AcquireAsync("b");
        using var leaving = new CancellationTokenSource();
        var gone = client.AcquireAsync("b", default, leaving.Token).AsTask();
        var next = client.AcquireAsync("b").AsTask();

        await leaving.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => gone);
        held.Permit.Dispose();

        (await next.WaitAsync(Patience)).IsAdmitted.ShouldBeTrue();
        alsoHeld.Permit.Dispose();
    }

    [Fact]
    public async Task Never_more_in_use_than_the_limit_under_load_from_many_clients()
    {
        await using var cluster = await TestCluster.StartAsync();
        var policy = Wait with { Limit = 5 };
        var inUse = 0;
        var most = 0;
        var served = 0;
        var clients = new List<AdmissionClient>();
        for (var i = 0; i < 4; i++)
        {
            clients.Add(await cluster.ClientAsync("b", policy));
        }

        await Task.WhenAll(Enumerable.Range(0, 40).Select(worker => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                var outcome = await clients[worker % clients.Count].AcquireAsync("b");
                outcome.IsAdmitted.ShouldBeTrue(outcome.Refusal?.Reason.ToString());
                InterlockedMax(ref most, Interlocked.Increment(ref inUse));
                await Task.Yield();
                Interlocked.Decrement(ref inUse);
                Interlocked.Increment(ref served);
                outcome.Permit.Dispose();
            }
        }))).WaitAsync(TimeSpan.FromSeconds(60));

        served.ShouldBe(4000);
        most.ShouldBeInRange(1, 5);
    }

    [Fact]
    public async Task A_stopping_client_refuses_what_is_new_and_gives_everything_back()
    {
        await using var cluster = await TestCluster.StartAsync();
        var leaving = await cluster.ClientAsync("b", Refuse);
        var staying = await cluster.ClientAsync("b", Refuse);
        var one = await leaving.AcquireAsync("b");
        var two = await leaving.AcquireAsync("b");

        var stopped = leaving.StopAsync(CancellationToken.None);
        (await leaving.AcquireAsync("b")).Refusal!.Reason.ShouldBe(RefusalReason.ShuttingDown);
        stopped.IsCompleted.ShouldBeFalse();
        one.Permit.Dispose();
        two.Permit.Dispose();
        await stopped.WaitAsync(Patience);

        (await staying.AcquireAsync("b")).IsAdmitted.ShouldBeTrue();
        (await staying.AcquireAsync("b")).IsAdmitted.ShouldBeTrue();
        var description = await staying.DescribeAsync("b");
        description!.Holders.Length.ShouldBe(1);
        description.Quarantined.ShouldBe(0);
    }

    [Fact]
    public async Task A_clean_restart_serves_at_once_and_a_new_epoch_has_begun()
    {
        var cluster = await TestCluster.StartAsync();
        var client = await cluster.ClientAsync("b", Refuse);
        (await client.AcquireAsync("b")).Permit.Dispose();
        await client.StopAsync(CancellationToken.None).WaitAsync(Patience);
        await cluster.DisposeAsync();

        await using var again = await TestCluster.StartAsync(cluster.Folder);
        var next = await again.ClientAsync("b", Refuse);
        (await next.AcquireAsync("b").AsTask().WaitAsync(Patience)).IsAdmitted.ShouldBeTrue();
        (await next.DescribeAsync("b"))!.Epoch.ShouldBe(2);
    }

    [Fact]
    public async Task A_changed_limit_is_in_force_at_once()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await cluster.ClientAsync("b", Wait);
        var held = new ConcurrentBag<AdmissionOutcome> { await client.AcquireAsync("b"), await client.AcquireAsync("b") };
        var waiting = client.AcquireAsync("b").AsTask();
        waiting.IsCompleted.ShouldBeFalse();

        await client.ConfigureAsync("b", Wait with { Limit = 3 });

        held.Add(await waiting.WaitAsync(Patience));
        held.ShouldAllBe(outcome => outcome.IsAdmitted);
    }

    [Fact]
    public async Task A_removed_backend_gives_its_permits_back()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await cluster.ClientAsync("b", Refuse);
        var held = await client.AcquireAsync("b");
        client.Remove("b");
        (await client.AcquireAsync("b")).Refusal!.Reason.ShouldBe(RefusalReason.UnknownBackend);
        held.Permit.Dispose();

        var other = await cluster.ClientAsync("b", Refuse);
        (await other.AcquireAsync("b")).IsAdmitted.ShouldBeTrue();
        (await other.AcquireAsync("b")).IsAdmitted.ShouldBeTrue();
    }

    [Fact]
    public async Task A_backend_that_is_removed_and_configured_again_keeps_its_limit()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await cluster.ClientAsync("b", Refuse);
        var held = await client.AcquireAsync("b");
        var alsoHeld = await client.AcquireAsync("b");
        client.Remove("b");
        (await client.ConfigureAsync("b", Refuse)).Errors.ShouldBeEmpty();

        (await client.AcquireAsync("b")).Refusal!.Reason.ShouldBe(RefusalReason.AtCapacity, "both permits are in use");
        held.Permit.Dispose();
        alsoHeld.Permit.Dispose();
        await UntilAsync(async () => (await client.DescribeAsync("b"))!.Occupancy.InUse == 0);
    }

    [Fact]
    public async Task Time_passes_for_those_who_wait_while_an_exchange_hangs()
    {
        var grain = Substitute.For<ICapacityGrain>();
        grain.ApplyPolicyAsync(Arg.Any<BackendPolicy>()).Returns(new PolicyAnswer(1, []));
        var hangs = new TaskCompletionSource<LedgerMessage>();
        grain.ExchangeAsync(Arg.Any<HolderReport>(), Arg.Any<ICapacityObserver>()).Returns(hangs.Task);
        var grains = Substitute.For<IGrainFactory>();
        grains.GetGrain<ICapacityGrain>(CapacityGrainKey.Of("b")).Returns(grain);
        var client = new AdmissionClient(
            grains, Options.Create(new AdmissionClientOptions()), TimeProvider.System,
            NullLogger<AdmissionClient>.Instance);
        _ = client.ConfigureAsync("b", Wait with { MaxWait = TimeSpan.FromMilliseconds(100) });

        var outcome = await client.AcquireAsync("b").AsTask().WaitAsync(Patience);

        outcome.Refusal!.Reason.ShouldBe(RefusalReason.LedgerUnreachable);
        hangs.SetException(new TimeoutException());
        await client.DisposeAsync();
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), patience.Token);
        }
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = Volatile.Read(ref most); value > seen; seen = Volatile.Read(ref most))
        {
            Interlocked.CompareExchange(ref most, value, seen);
        }
    }
}
