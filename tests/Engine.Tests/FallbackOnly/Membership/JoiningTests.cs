using Orleans.Runtime;

namespace Admission.Engine.Tests.FallbackOnly.Membership;

/// <summary>How silos come into the cluster and leave it by their own will.</summary>
[Collection(PostgresCollection.Name)]
public sealed class JoiningTests(PostgresFixture postgres)
{
    [SkippableFact]
    public async Task Silos_that_start_one_after_the_other_see_each_other()
    {
        await using var cluster = await CreateAsync();
        var a = await cluster.StartAsync();
        a.SeesActive(a).ShouldBeTrue();
        var b = await cluster.StartAsync();
        b.SeesActive(a, b).ShouldBeTrue();
        await cluster.UntilSeenAsync(a, a, b);
        a.Membership.TableAge.ShouldBeLessThan(TestCluster.Bound);
        var seen = a.Membership.Current.Members.Single(member => member.Address.Equals(b.Address));
        (seen.Name, seen.GatewayPort).ShouldBe((b.Local.Name, b.Local.GatewayPort));
    }

    [SkippableFact]
    public async Task Many_silos_can_start_at_once()
    {
        await using var cluster = await CreateAsync();
        var silos = await cluster.StartManyAsync(10);
        foreach (var silo in silos)
        {
            await cluster.UntilSeenAsync(silo, silos);
        }
    }

    [SkippableFact]
    public async Task A_silo_that_stops_says_so()
    {
        await using var cluster = await CreateAsync();
        var silos = await cluster.StartManyAsync(3);
        await silos[0].Membership.BeginShutdownAsync(CancellationToken.None);
        (await cluster.StatusAsync(silos[0])).ShouldBe(SiloStatus.ShuttingDown);
        await cluster.UntilSeenAsync(silos[1], silos[1], silos[2]);
        await silos[0].Membership.EndAsync(CancellationToken.None);
        (await cluster.StatusAsync(silos[0])).ShouldBe(SiloStatus.Dead);
        silos[0].HasLeft.ShouldBeFalse();
    }

    [SkippableFact]
    public async Task Views_come_in_the_order_of_their_versions()
    {
        await using var cluster = await CreateAsync();
        var a = await cluster.StartAsync();
        var versions = new List<long>();
        a.Membership.OnChange(view => versions.Add(view.Version));
        var others = await cluster.StartManyAsync(5);
        await Task.WhenAll(others.Select(silo => silo.StopAsync()));
        await cluster.UntilSeenAsync(a, a);
        await a.StopAsync();
        versions.ShouldBe(versions.Order().Distinct());
    }

    [SkippableFact]
    public async Task A_restarted_silo_declares_its_former_run_dead_at_once()
    {
        await using var cluster = await CreateAsync();
        var port = TestCluster.NextPort();
        var options = TestCluster.Options(options => options.NumMissedProbesLimit = 1000);
        var former = await cluster.StartAsync(port, options);
        var other = await cluster.StartAsync(options: options);
        await former.KillAsync();
        var silo = await cluster.StartAsync(port, options);
        (await cluster.StatusAsync(former)).ShouldBe(SiloStatus.Dead);
        await cluster.UntilSeenAsync(other, other, silo);
    }

    [SkippableFact]
    public async Task A_run_that_is_not_the_latest_at_its_address_does_not_start()
    {
        await using var cluster = await CreateAsync();
        var port = TestCluster.NextPort();
        var late = cluster.Create(port);
        var silo = await cluster.StartAsync(port);
        (await Should.ThrowAsync<OrleansException>(late.StartAsync)).Message.ShouldContain(silo.Address.ToString());
        (await cluster.StatusAsync(silo)).ShouldBe(SiloStatus.Active);
    }

    [SkippableFact]
    public async Task A_silo_waits_for_the_table()
    {
        await using var cluster = await CreateAsync();
        var silo = cluster.Create();
        silo.Table.IsAway = true;
        var starting = silo.StartAsync();
        await silo.UntilLoggedAsync("cannot join yet, because the membership table cannot be reached");
        silo.Table.IsAway = false;
        await starting;
        (await cluster.StatusAsync(silo)).ShouldBe(SiloStatus.Active);
    }

    [SkippableFact]
    public async Task A_silo_that_does_not_reach_the_table_in_time_fails_to_start()
    {
        await using var cluster = await CreateAsync();
        var silo = cluster.Create(options: TestCluster.Options(options => options.MaxJoinAttemptTime = TimeSpan.FromSeconds(1)));
        silo.Table.IsAway = true;
        (await Should.ThrowAsync<OrleansException>(silo.StartAsync)).Message.ShouldContain("MaxJoinAttemptTime");
    }

    [SkippableFact]
    public async Task A_silo_that_does_not_reach_another_waits_until_that_one_is_reached()
    {
        await using var cluster = await CreateAsync();
        var a = await cluster.StartAsync();
        var b = cluster.Create();
        cluster.Cut(b, a);
        var starting = b.StartAsync();
        await b.UntilLoggedAsync($"silos do not answer that should be alive: {a.Address}");
        (await cluster.StatusAsync(b)).ShouldBe(SiloStatus.Joining);
        cluster.Heal();
        await starting;
        b.SeesActive(a, b).ShouldBeTrue();
    }

    [SkippableFact]
    public async Task A_silo_that_never_reaches_another_gives_up_and_is_dead_in_the_table()
    {
        await using var cluster = await CreateAsync();
        var a = await cluster.StartAsync();
        var b = cluster.Create(options: TestCluster.Options(options => options.MaxJoinAttemptTime = TimeSpan.FromSeconds(1)));
        cluster.Cut(b, a);
        _ = await Should.ThrowAsync<OrleansException>(b.StartAsync);
        (await cluster.StatusAsync(b)).ShouldBe(SiloStatus.Dead);
    }

    [SkippableFact]
    public async Task A_silo_does_not_wait_for_silos_whose_heartbeats_have_ended_and_declares_them_dead()
    {
        await using var cluster = await CreateAsync();
        var former = await cluster.StartManyAsync(2);
        await Task.WhenAll(former.Select(silo => silo.KillAsync()));
        var silo = await cluster.StartAsync();
        await cluster.UntilSeenAsync(silo, silo);
    }

    [SkippableFact]
    public async Task Dead_silos_are_removed_from_the_table()
    {
        await using var cluster = await CreateAsync();
        var gone = await cluster.StartAsync();
        await gone.StopAsync();
        var silo = await cluster.StartAsync(options: TestCluster.Options(options =>
        {
            options.DefunctSiloCleanupPeriod = TimeSpan.FromMilliseconds(200);
            options.DefunctSiloExpiration = TimeSpan.FromMilliseconds(1);
        }));
        await cluster.UntilAsync(gone, SiloStatus.None);
        (await cluster.StatusAsync(silo)).ShouldBe(SiloStatus.Active);
    }

    private async Task<TestCluster> CreateAsync() => new(await postgres.CreateDatabaseAsync());
}
