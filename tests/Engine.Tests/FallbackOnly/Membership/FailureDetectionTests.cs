using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Admission.Engine.Tests.FallbackOnly.Membership;

/// <summary>How silos find out that one of them is gone, and that nobody is who only seems so.</summary>
[Collection(PostgresCollection.Name)]
public sealed class FailureDetectionTests(PostgresFixture postgres)
{
    [SkippableFact]
    public async Task A_silo_that_dies_is_declared_dead()
    {
        await using var cluster = await CreateAsync();
        var silos = await cluster.StartManyAsync(4);
        await silos[0].KillAsync();
        await cluster.UntilAsync(silos[0], SiloStatus.Dead);
        foreach (var silo in silos[1..])
        {
            await cluster.UntilSeenAsync(silo, silos[1..]);
        }
    }

    [SkippableFact]
    public async Task Of_two_silos_one_can_declare_the_other_dead()
    {
        await using var cluster = await CreateAsync();
        var silos = await cluster.StartManyAsync(2);
        await silos[0].KillAsync();
        await cluster.UntilSeenAsync(silos[1], silos[1]);
    }

    [SkippableFact]
    public async Task When_two_of_three_die_the_last_finds_out_by_their_heartbeats()
    {
        await using var cluster = await CreateAsync();
        var silos = await cluster.StartManyAsync(3);
        await Task.WhenAll(silos[0].KillAsync(), silos[1].KillAsync());
        await cluster.UntilSeenAsync(silos[2], silos[2]);
        silos[2].HasLeft.ShouldBeFalse();
    }

    [SkippableFact]
    public async Task A_silo_that_is_declared_dead_leaves_at_once()
    {
        await using var cluster = await CreateAsync();
        var silos = await cluster.StartManyAsync(3);
        silos[0].Answers = false;
        await silos[0].UntilLeftAsync();
        silos[0].Log.ShouldContain(line => line.StartsWith("Critical", StringComparison.Ordinal) && line.Contains("calls it dead"));
        (await cluster.StatusAsync(silos[0])).ShouldBe(SiloStatus.Dead);
    }

    [SkippableFact]
    public async Task One_silo_that_does_not_reach_another_is_not_enough()
    {
        await using var cluster = await CreateAsync();
        var silos = await cluster.StartManyAsync(3);
        cluster.Cut(silos[0], silos[1]);
        await silos[0].UntilLoggedAsync("not enough yet");
        var alive = (await cluster.Table.ReadAsync(CancellationToken.None)).Find(silos[1].Address)!.IAmAliveTime;
        await UntilBeatsAsync(cluster, silos[1], alive, 3);
        (await cluster.StatusAsync(silos[1])).ShouldBe(SiloStatus.Active);
        silos[1].HasLeft.ShouldBeFalse();
    }

    [SkippableFact]
    public async Task Votes_that_have_expired_do_not_count()
    {
        await using var cluster = await CreateAsync();
        var options = TestCluster.Options(options => options.DeathVoteExpirationTimeout = TimeSpan.FromMilliseconds(500));
        var silos = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => cluster.StartAsync(options: options)));
        cluster.Cut(silos[0], silos[2]);
        await silos[0].UntilLoggedAsync("not enough yet");
        cluster.Heal();
        var voted = (await cluster.Table.ReadAsync(CancellationToken.None)).Find(silos[2].Address)!;
        await UntilBeatsAsync(cluster, silos[2], voted.IAmAliveTime, 3);
        cluster.Cut(silos[1], silos[2]);
        await silos[1].UntilLoggedAsync("not enough yet");
        (await cluster.StatusAsync(silos[2])).ShouldBe(SiloStatus.Active);
    }

    [SkippableFact]
    public async Task Of_two_silos_that_do_not_reach_each_other_exactly_one_stays()
    {
        await using var cluster = await CreateAsync();
        var silos = await cluster.StartManyAsync(2);
        cluster.CutBoth(silos[0], silos[1]);
        await Admission.Testing.Until.TrueAsync(
            () => silos.Count(silo => silo.HasLeft) == 1, TestCluster.Bound, () => "None or both have left.");
        var stays = silos.Single(silo => !silo.HasLeft);
        await cluster.UntilSeenAsync(stays, stays);
    }

    [SkippableFact]
    public async Task A_silo_whose_row_is_gone_leaves()
    {
        await using var cluster = await CreateAsync();
        var silos = await cluster.StartManyAsync(2);
        await silos[0].StopAsync();
        var table = await cluster.Table.ReadAsync(CancellationToken.None);
        var row = table.Find(silos[1].Address)! with { Status = SiloStatus.Dead };
        (await cluster.Table.UpdateAsync(row, table.Version, CancellationToken.None)).ShouldBeTrue();
        await cluster.Table.RemoveDeadAsync(DateTime.UtcNow.AddDays(1), CancellationToken.None);
        await silos[1].UntilLeftAsync();
    }

    [SkippableFact]
    public async Task A_silo_that_stood_still_does_not_vote_on_what_it_measured_meanwhile()
    {
        await using var cluster = await CreateAsync();
        var time = new JumpingTime();
        var stalled = await cluster.StartAsync(time: time);
        var other = await cluster.StartAsync(options: TestCluster.Options(options => options.NumMissedProbesLimit = 1000));
        await cluster.UntilSeenAsync(stalled, stalled, other);
        using var stop = new CancellationTokenSource();
        var jumping = JumpAsync(time, stop.Token);
        await stalled.UntilLoggedAsync("stood still");
        cluster.Cut(stalled, other);
        var before = stalled.Log.Count(line => line.Contains("stood still", StringComparison.Ordinal));
        await Admission.Testing.Until.TrueAsync(
            () => stalled.Log.Count(line => line.Contains("stood still", StringComparison.Ordinal)) > before + 6, TestCluster.Bound, () => "No stalls.");
        (await cluster.StatusAsync(other)).ShouldBe(SiloStatus.Active);
        await stop.CancelAsync();
        await jumping;
        await cluster.UntilAsync(other, SiloStatus.Dead);
    }

    private static async Task JumpAsync(JumpingTime time, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            time.Jump(TimeSpan.FromSeconds(2));
            await Task.Delay(50);
        }
    }

    private static async Task UntilBeatsAsync(TestCluster cluster, TestSilo silo, DateTime since, int beats)
    {
        var seen = new HashSet<DateTime> { since };
        await Admission.Testing.Until.TrueAsync(
            async () => seen.Add((await cluster.Table.ReadAsync(CancellationToken.None)).Find(silo.Address)!.IAmAliveTime) && seen.Count > beats,
            TestCluster.Bound, () => $"{silo.Address} has no heartbeat.");
    }

    private async Task<TestCluster> CreateAsync() => new(await postgres.CreateDatabaseAsync());
}
