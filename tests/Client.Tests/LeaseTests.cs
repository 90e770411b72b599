using Admission.Capacity;

namespace Admission.Client.Tests;

/// <summary>Leases through the client: taken in one process, used through others, and there again after a restart.</summary>
public sealed class LeaseTests
{
    private static readonly TimeSpan Ttl = TimeSpan.FromSeconds(30);

    // CoarseClock on Linux.
    private static readonly TimeSpan ClockStep = TimeSpan.FromMilliseconds(4);
    private static readonly BackendPolicy Policy = new() { Limit = 2, Overflow = Overflow.Wait, QueueCapacity = 10, MaxWait = TimeSpan.FromSeconds(30), RunTimeout = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public async Task A_lease_outlives_the_process_that_took_it_and_the_silo()
    {
        LeaseId id;
        string folder;
        await using (var cluster = await TestCluster.StartAsync())
        {
            folder = cluster.Folder;
            await using var taker = cluster.Client();
            await taker.ConfigureAsync("b", Policy);
            var asked = TimeProvider.System.GetTimestamp();
            var lease = await taker.LeaseAsync("b", default, Ttl);
            var took = TimeProvider.System.GetElapsedTime(asked);
            lease.State.ShouldBe(LeaseState.Held);

            // Whoever counts both from when it asked has all of the lease, whatever its record took, and no more, but for the step of the pool's clock.
            (lease.Waited + lease.Left).ShouldBeInRange(Ttl * 0.9, (Ttl * 0.9) + took + ClockStep);
            lease.Waited.ShouldBeLessThanOrEqualTo(took + ClockStep);
            lease.Left.ShouldBeInRange(TimeSpan.FromSeconds(15), TimeSpan.FromSeconds(27));
            id = lease.Id;
            await taker.StopAsync(CancellationToken.None);

            var other = await cluster.ClientAsync("b", Policy);
            (await other.RenewLeasesAsync("b", [id])).ShouldNotBeNull().ShouldHaveSingleItem().Lease.State.ShouldBe(LeaseState.Held);
            (await other.LeasesAsync("b", new LeaseQuery())).ShouldNotBeNull().Total.ShouldBe(1);
        }

        await using var again = await TestCluster.StartAsync(folder);
        var client = await again.ClientAsync("b", Policy);
        (await client.LookAtLeasesAsync("b", [id])).ShouldNotBeNull().ShouldHaveSingleItem().Lease.State.ShouldBe(LeaseState.Held);
        var second = await client.LeaseAsync("b", default, Ttl);
        second.Fencing.Number.ShouldBe(2);
        second.Fencing.Epoch.ShouldBe(2);
        (await client.LeaseAsync("b", new AdmissionRequest { MaxWait = TimeSpan.Zero }, Ttl)).Refusal.ShouldNotBeNull();
        var released = (await client.ReleaseLeasesAsync("b", [id, second.Id, LeaseId.New()])).ShouldNotBeNull();
        released.Select(each => each.Lease.State).ShouldBe([LeaseState.Released, LeaseState.Released, LeaseState.Unknown]);
        (await client.RenewLeasesAsync("elsewhere", [id])).ShouldBeNull();
    }

    [Fact]
    public async Task Many_leases_that_are_taken_at_once_go_with_few_writes()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await cluster.ClientAsync("b", Policy with { Limit = 200 });
        var leases = await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => client.LeaseAsync("b", default, Ttl)));
        leases.ShouldAllBe(lease => lease.State == LeaseState.Held);
        leases.Select(lease => lease.Fencing.Number).Distinct().Count().ShouldBe(200);
        (await client.DescribeAsync("b")).ShouldNotBeNull().Leased.ShouldBe(200);
        var released = await client.ReleaseLeasesAsync("b", [.. leases.Select(lease => lease.Id)]);
        released.ShouldNotBeNull().ShouldAllBe(status => status.Lease.State == LeaseState.Released);
        (await client.DescribeAsync("b")).ShouldNotBeNull().Leases.ShouldBe(0);
    }

    [Fact]
    public async Task Who_leaves_while_its_lease_is_confirmed_leaves_nothing_behind()
    {
        await using var cluster = await TestCluster.StartAsync();
        var client = await cluster.ClientAsync("b", Policy);
        for (var i = 0; i < 20; i++)
        {
            using var leaves = new CancellationTokenSource();
            var lease = client.LeaseAsync("b", default, Ttl, leaves.Token);
            await leaves.CancelAsync();
            if (await Record.ExceptionAsync(() => lease) is null)
            {
                await client.ReleaseLeasesAsync("b", [(await lease).Id]);
            }
        }

        await Testing.Until.TrueAsync(async () => (await client.DescribeAsync("b"))!.Leases == 0, TimeSpan.FromSeconds(20), () => "A lease is left that nobody has.");
    }

    [Fact]
    public void An_id_is_read_as_it_was_written_and_nothing_else_is_one()
    {
        var id = LeaseId.New();
        LeaseId.TryParse(id.ToString(), out var read).ShouldBeTrue();
        read.ShouldBe(id);
        read.Name.Key.ShouldNotContain(id.ToString()[2..]);
        LeaseId.New().Name.Key.ShouldNotBe(id.Name.Key);
        foreach (var text in new[] { null, "", "-", "7", "7-", id.ToString()[1..], id + "A", "x" + id, "-1" + id.ToString()[1..], id.ToString()[..^1] + "*" })
        {
            LeaseId.TryParse(text, out _).ShouldBeFalse(text);
        }
    }
}
