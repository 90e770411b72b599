using Admission.Capacity;

namespace Admission.Client.Tests;

/// <summary>Policies in shadow through the client and the grains.</summary>
public class ShadowClientTests
{
    private static readonly BackendPolicy Enforced = new() { Limit = 2 };
    private static readonly BackendPolicy Proposed = new() { Limit = 1, Overflow = Overflow.Wait, QueueCapacity = 1, LeaseTtl = TimeSpan.FromSeconds(4), Quarantine = TimeSpan.Zero };

    [Fact]
    public async Task A_policy_in_shadow_is_decided_over_all_clients_and_what_is_enforced_stays_exact()
    {
        await using var cluster = await TestCluster.StartAsync();
        AdmissionClient[] clients = [await cluster.ClientAsync("b", Enforced), await cluster.ClientAsync("b", Enforced)];
        foreach (var client in clients)
        {
            (await client.ConfigureShadowAsync("B", Proposed)).Errors.ShouldBeEmpty();
            client.Backends.ShouldBe(["b"]);
        }

        // One is admitted by both, the second would wait, the third is refused by what is enforced and would find the queue full.
        var (first, one) = await AskAsync(clients[0]);
        await UntilAsync(() => Sum(clients, totals => totals.AtOnce + totals.Waited) == 1);
        var (second, other) = await AskAsync(clients[1]);
        await UntilAsync(async () => (await clients[0].DescribeShadowAsync("b"))!.Occupancy.Queued == 1);
        var (third, last) = await AskAsync(clients[0]);
        (first.IsAdmitted, second.IsAdmitted).ShouldBe((true, true));
        third.Refusal!.Reason.ShouldBe(RefusalReason.AtCapacity);
        await UntilAsync(() => Sum(clients, totals => totals.AllRefused) == 1);

        End(first, one);
        await UntilAsync(() => Sum(clients, totals => totals.AtOnce + totals.Waited) == 2);
        End(second, other);
        last!.Dispose();
        await UntilAsync(async () => (await clients[0].DescribeShadowAsync("b"))!.Shadow is { Requests: 3, Waiting: 0, AllRefused: 1, Holders: 2 });
        await UntilAsync(async () => (await clients[0].DescribeShadowAsync("b"))!.Occupancy.InUse == 0);
        (await clients[0].DescribeAsync("b"))!.Shadow.ShouldBeNull();
    }

    [Fact]
    public async Task A_shadow_is_no_backend_and_ends_without_a_trace()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await cluster.ClientAsync("b", Enforced);
        await Should.ThrowAsync<ArgumentException>(() => client.ConfigureAsync(CapacityGrainKey.ShadowOf("b"), Enforced));
        (await client.ConfigureShadowAsync("b", new BackendPolicy { Limit = -1 })).Errors.ShouldHaveSingleItem();
        client.ShadowOf("b").ShouldBeNull();
        (await client.ConfigureShadowAsync("b", Proposed)).Errors.ShouldBeEmpty();
        var (outcome, shadow) = await AskAsync(client);
        client.RemoveShadow("b");
        client.ShadowOf("b").ShouldBeNull();
        (await client.DescribeShadowAsync("b")).ShouldBeNull();
        End(outcome, shadow);
        (await client.ConfigureShadowAsync("b", Proposed)).Errors.ShouldBeEmpty();
        client.ShadowOf("b")!.Totals.Requests.ShouldBe(0);
        await client.StopAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(20));
        client.ShadowOf("b")!.Begin(default, waits: false, CancellationToken.None).ShouldBeNull();
    }

    private static async Task<(AdmissionOutcome Outcome, ShadowRequest? Shadow)> AskAsync(AdmissionClient client)
    {
        var deciding = client.AcquireAsync("b");
        var shadow = client.ShadowOf("b")!.Begin(default, waits: !deciding.IsCompleted, CancellationToken.None);
        var outcome = await deciding;
        if (outcome.IsAdmitted)
        {
            shadow?.RunBegan();
        }

        return (outcome, shadow);
    }

    private static void End(AdmissionOutcome outcome, ShadowRequest? shadow)
    {
        outcome.Permit.Dispose();
        shadow?.RunEnded(whole: true);
        shadow?.Dispose();
    }

    private static long Sum(AdmissionClient[] clients, Func<ShadowTotals, long> count) => clients.Sum(client => count(client.ShadowOf("b")!.Totals));

    private static Task UntilAsync(Func<bool> condition) => UntilAsync(() => Task.FromResult(condition()));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!await condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), patience.Token);
        }
    }
}
