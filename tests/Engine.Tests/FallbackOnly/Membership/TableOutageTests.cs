using Admission.Testing;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Fallback.AdoNet;
using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Admission.Engine.Tests.FallbackOnly.Membership;

/// <summary>What silos and clients do while the table cannot be reached.</summary>
[Collection(PostgresCollection.Name)]
public sealed class TableOutageTests(PostgresFixture postgres)
{
    [SkippableFact]
    public async Task When_the_table_is_away_for_all_everybody_stays()
    {
        await using var cluster = await CreateAsync();
        var silos = await cluster.StartManyAsync(3);
        foreach (var silo in silos)
        {
            await cluster.UntilSeenAsync(silo, silos);
        }

        SetAway(silos, true);
        foreach (var silo in silos)
        {
            await silo.UntilLoggedAsync("Everybody stays");
        }

        SetAway(silos, false);
        foreach (var silo in silos)
        {
            await silo.UntilLoggedAsync("is reached again after");
            silo.HasLeft.ShouldBeFalse();
            silo.Log.Count(line => line.Contains("cannot be reached", StringComparison.Ordinal)).ShouldBe(1);
            silo.SeesActive(silos).ShouldBeTrue();
        }

        var newcomer = await cluster.StartAsync();
        await cluster.UntilSeenAsync(silos[0], [.. silos, newcomer]);
    }

    [SkippableFact]
    public async Task A_silo_that_alone_does_not_reach_the_table_leaves()
    {
        await using var cluster = await CreateAsync();
        var silos = await cluster.StartManyAsync(3);
        silos[0].Table.IsAway = true;
        await silos[0].UntilLeftAsync();
        silos[0].Log.ShouldContain(line => line.Contains("others reach it"));
        silos[1].HasLeft.ShouldBeFalse();
        silos[2].HasLeft.ShouldBeFalse();
    }

    [SkippableFact]
    public async Task A_single_silo_stays_without_the_table()
    {
        await using var cluster = await CreateAsync();
        var silo = await cluster.StartAsync();
        silo.Table.IsAway = true;
        await silo.UntilLoggedAsync("Everybody stays");
        silo.Table.IsAway = false;
        await silo.UntilLoggedAsync("is reached again after");
        silo.HasLeft.ShouldBeFalse();
    }

    [SkippableFact]
    public async Task A_silo_that_reaches_nobody_leaves_when_it_can_read_that_it_is_dead()
    {
        await using var cluster = await CreateAsync();
        var silos = await cluster.StartManyAsync(3);
        (silos[0].Table.IsAway, silos[0].Answers) = (true, false);
        await cluster.UntilAsync(silos[0], SiloStatus.Dead);
        silos[0].HasLeft.ShouldBeFalse();
        silos[0].Table.IsAway = false;
        await silos[0].UntilLeftAsync();
    }

    [SkippableFact]
    public async Task A_silo_can_stop_without_the_table()
    {
        await using var cluster = await CreateAsync();
        var silo = await cluster.StartAsync();
        silo.Table.IsAway = true;
        await silo.StopAsync().WaitAsync(TestCluster.Bound);
        string.Join('\n', silo.Log).ShouldContain("could not be told that this silo is Dead");
    }

    [SkippableFact]
    public async Task A_silo_whose_heartbeat_fails_as_it_stops_tells_the_table_that_it_has_ended()
    {
        await using var cluster = await CreateAsync();
        var silo = cluster.Create();
        silo.Table.HeartbeatFailsWhenCancelled = true;
        await silo.StartAsync();
        await silo.StopAsync().WaitAsync(TestCluster.Bound);
        silo.HasLeft.ShouldBeFalse(string.Join('\n', silo.Log));
        (await cluster.StatusAsync(silo)).ShouldBe(SiloStatus.Dead);
    }

    [SkippableFact]
    public async Task A_database_that_is_killed_and_comes_back_ends_nobody()
    {
        Skip.IfNot(PostgresServer.IsInstalled, "PostgreSQL is not installed.");
        await using var server = await PostgresServer.StartAsync();
        await using var cluster = new TestCluster(await server.CreateDatabaseAsync(PostgresServer.Schema));
        var silos = await cluster.StartManyAsync(2);
        await server.KillAsync();
        await silos[0].UntilLoggedAsync("Everybody stays");
        await server.ResumeAsync();
        foreach (var silo in silos)
        {
            await silo.UntilLoggedAsync("is reached again after");
            silo.HasLeft.ShouldBeFalse(string.Join('\n', silo.Log));
        }
    }

    [SkippableFact]
    public async Task A_client_waits_for_silos_and_keeps_what_it_knows()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var cluster = new TestCluster(database);
        using var opened = new OrleansDatabase(database, TimeSpan.FromSeconds(5), 2, TimeProvider.System);
        var table = new CuttableTable(new AdoNetMemberTable(opened, "cluster")) { IsAway = true };
        var options = Options.Create(new GatewayOptions { GatewayListRefreshPeriod = TimeSpan.FromMilliseconds(200) });
        using var client = new ClientMembership(table, options, TimeProvider.System, NullLogger<ClientMembership>.Instance);
        await client.JoinAsync(CancellationToken.None);
        client.Current.Active.ShouldBeEmpty();
        var silo = await cluster.StartAsync();
        table.IsAway = false;
        await Until.TrueAsync(() => client.Current.Active.Count == 1, TestCluster.Bound, () => "The client sees no silo.");
        client.Current.Active[0].Address.ShouldBe(silo.Address);
        table.IsAway = true;
        await silo.StopAsync();
        await client.RefreshAsync();
        client.Current.Active.Count.ShouldBe(1);
        table.IsAway = false;
        await Until.TrueAsync(() => client.Current.Active.Count == 0, TestCluster.Bound, () => "The client still sees the silo.");
        await client.EndAsync(CancellationToken.None);
    }

    private static void SetAway(TestSilo[] silos, bool away)
    {
        foreach (var silo in silos)
        {
            silo.Table.IsAway = away;
        }
    }

    private async Task<TestCluster> CreateAsync() => new(await postgres.CreateDatabaseAsync());
}
