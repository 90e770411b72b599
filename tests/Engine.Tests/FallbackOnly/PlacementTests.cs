using Admission.Testing;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Fallback.Membership;
using Orleans.Fallback.Network;
using Orleans.Runtime;
using static Admission.Engine.Tests.FallbackOnly.SharedCluster;

namespace Admission.Engine.Tests.FallbackOnly;

public interface IPlaceGrain : IGrainWithStringKey
{
    Task<string> Where();

    Task<string> WaitAndTellWhere(string gate);

    Task<string> Ask(string other);

    Task Move();
}

public sealed class PlaceGrain(Signals signals, Overlaps overlaps) : Grain, IPlaceGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        overlaps.Enter(this.GetPrimaryKeyString());
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        await Task.Yield();
        if (this.GetPrimaryKeyString().StartsWith("slow", StringComparison.Ordinal))
        {
            signals.Note("writes");
            await signals.WaitAsync("written");
        }

        signals.Note($"deactivated: {reason.ReasonCode}");
        overlaps.Leave(this.GetPrimaryKeyString());
    }

    public Task<string> Where() => Task.FromResult(RuntimeIdentity);

    public async Task<string> WaitAndTellWhere(string gate)
    {
        signals.Note("waits");
        await signals.WaitAsync(gate);
        return RuntimeIdentity;
    }

    public Task<string> Ask(string other) => GrainFactory.GetGrain<IPlaceGrain>(other).Where();

    public Task Move()
    {
        MigrateOnIdle();
        return Task.CompletedTask;
    }
}

/// <summary>Several silos: where grains are, and what happens when silos come and go.</summary>
public sealed class PlacementTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Every_process_finds_a_grain_at_its_owner()
    {
        await using var cluster = new SharedCluster();
        var (one, two, three) = (await cluster.StartSiloAsync(), await cluster.StartSiloAsync(), await cluster.StartSiloAsync());
        var client = await cluster.StartClientAsync();
        foreach (var owner in new[] { one, two, three })
        {
            var key = cluster.KeyOn<IPlaceGrain>(owner);
            foreach (var caller in new[] { one, two, three, client })
            {
                (await ClientOf(caller).GetGrain<IPlaceGrain>(key).Where()).ShouldBe(NameOf(owner));
            }
        }

        cluster.Overlaps.Most.ShouldBe(1);
        var (first, second) = (cluster.KeyOn<IPlaceGrain>(one), cluster.KeyOn<IPlaceGrain>(two));
        (await ClientOf(client).GetGrain<IPlaceGrain>(first).Ask(second)).ShouldBe(NameOf(two));
    }

    [Fact]
    public async Task A_silo_that_joins_takes_its_grains_over_without_two_activations_at_once()
    {
        await using var cluster = new SharedCluster();
        _ = await cluster.StartSiloAsync();
        var client = await cluster.StartClientAsync();
        var keys = Enumerable.Range(0, 40).Select(number => $"g{number}").ToList();
        foreach (var key in keys)
        {
            _ = await ClientOf(client).GetGrain<IPlaceGrain>(key).Where();
        }

        var joined = await cluster.StartSiloAsync();
        var places = await Task.WhenAll(keys.Select(key => ClientOf(client).GetGrain<IPlaceGrain>(key).Where()));
        places.Distinct(StringComparer.Ordinal).Count().ShouldBe(2);
        places.Count(place => place == NameOf(joined)).ShouldBe(cluster.Signals.Log.Count(note => note == "deactivated: Migrating"));
        cluster.Overlaps.Most.ShouldBe(1);
    }

    [Fact]
    public async Task A_planned_stop_loses_no_call()
    {
        await using var cluster = new SharedCluster();
        var (stops, stays) = (await cluster.StartSiloAsync(), await cluster.StartSiloAsync());
        var client = await cluster.StartClientAsync();
        using var done = new CancellationTokenSource();
        var keys = Enumerable.Range(0, 20).Select(number => $"g{number}").ToList();
        var callers = keys.Select(key => CallUntilAsync(ClientOf(client).GetGrain<IPlaceGrain>(key), done.Token)).ToList();
        await Until.TrueAsync(() => cluster.Overlaps.Most > 0, Patience, () => "no call");
        var waiting = ClientOf(client).GetGrain<IPlaceGrain>(cluster.KeyOn<IPlaceGrain>(stops, "waiter")).WaitAndTellWhere("gate");
        await cluster.Signals.NotedAsync("waits");
        var stop = cluster.StopAsync(stops);
        cluster.Signals.Open("gate");
        await stop;
        (await waiting).ShouldNotBeNull();
        await done.CancelAsync();
        var gaps = await Task.WhenAll(callers);
        gaps.Max().ShouldBeLessThan(TimeSpan.FromSeconds(5));
        foreach (var key in keys)
        {
            (await ClientOf(client).GetGrain<IPlaceGrain>(key).Where()).ShouldBe(NameOf(stays));
        }

        cluster.Overlaps.Most.ShouldBe(1);
        cluster.Signals.Log.ShouldContain("deactivated: ShuttingDown");
    }

    [Fact]
    public async Task A_silo_with_an_older_view_looks_again_before_it_answers()
    {
        await using var cluster = new SharedCluster();
        var (one, two) = (await cluster.StartSiloAsync(), await cluster.StartSiloAsync());
        MembershipOf(one).Stale = true;
        var three = await cluster.StartSiloAsync();
        var key = cluster.KeyOn<IPlaceGrain>(three);

        // By its old view the first silo owns the grain or sends it to the second, which knows better; either way it ends at the third.
        (await ClientOf(one).GetGrain<IPlaceGrain>(key).Where()).ShouldBe(NameOf(three));
        (await ClientOf(two).GetGrain<IPlaceGrain>(key).Where()).ShouldBe(NameOf(three));
        cluster.Overlaps.Most.ShouldBe(1);
    }

    [Fact]
    public async Task Of_two_silos_that_both_believe_to_own_a_grain_the_one_with_the_older_view_yields()
    {
        await using var cluster = new SharedCluster();
        var (old, joined, key) = await StartWithOldViewAsync(cluster);
        var both = await Task.WhenAll(
            ClientOf(old).GetGrain<IPlaceGrain>(key).Where(), ClientOf(joined).GetGrain<IPlaceGrain>(key).Where()).WaitAsync(Patience);
        both.ShouldBe([NameOf(joined), NameOf(joined)]);
        cluster.Overlaps.Most.ShouldBe(1);
    }

    [Fact]
    public async Task An_activation_whose_place_is_elsewhere_ends_although_nobody_asks_for_the_grain()
    {
        await using var cluster = new SharedCluster();
        var old = await cluster.StartSiloAsync();
        var grains = Enumerable.Range(0, 20).Select(number => ClientOf(old).GetGrain<IPlaceGrain>($"g{number}")).ToList();
        foreach (var grain in grains)
        {
            _ = await grain.Where();
        }

        var joined = await cluster.StartSiloAsync();
        var moved = grains.Count(grain => AddressOf(joined).Equals(cluster.Table.View.OwnerOf(grain.GetGrainId())));
        moved.ShouldBeGreaterThan(0);
        await Until.TrueAsync(
            () => cluster.Signals.Log.Count(note => note == "deactivated: Migrating") == moved, Patience, () => string.Join(", ", cluster.Signals.Log));
    }

    [Fact]
    public async Task A_grain_that_takes_long_to_be_released_is_waited_for()
    {
        await using var cluster = new SharedCluster();
        var old = await cluster.StartSiloAsync();
        MembershipOf(old).Stale = true;
        var grains = Enumerable.Range(0, 30).Select(number => ClientOf(old).GetGrain<IPlaceGrain>($"slow{number}")).ToList();
        foreach (var grain in grains)
        {
            _ = await grain.Where();
        }

        var joined = await cluster.StartSiloAsync();
        var mover = grains.First(grain => AddressOf(joined).Equals(cluster.Table.View.OwnerOf(grain.GetGrainId())));
        var call = ClientOf(joined).GetGrain<IPlaceGrain>(mover.GetPrimaryKeyString()).Where();
        await cluster.Signals.NotedAsync("writes");
        var begun = TimeProvider.System.GetTimestamp();
        await Until.TrueAsync(
            () => call.IsCompleted || TimeProvider.System.GetElapsedTime(begun) > 2 * NetworkLimits.ReleaseTime, Patience, () => "time stands still");
        call.IsCompleted.ShouldBeFalse();
        cluster.Signals.Open("written");
        (await call).ShouldBe(NameOf(joined));
        cluster.Overlaps.Most.ShouldBe(1);
    }

    [Fact]
    public async Task A_silo_that_hears_of_a_newer_view_and_cannot_see_it_refuses_what_may_not_be_its_own()
    {
        await using var cluster = new SharedCluster();
        var (blind, joined, key) = await StartWithOldViewAsync(cluster);
        MembershipOf(blind).Blind = true;
        (await ClientOf(joined).GetGrain<IPlaceGrain>(key).Where()).ShouldBe(NameOf(joined));
        _ = await Should.ThrowAsync<OrleansMessageRejectionException>(() => ClientOf(blind).GetGrain<IPlaceGrain>(key).Where().WaitAsync(Patience));
        cluster.Overlaps.Most.ShouldBe(1);
    }

    [Fact]
    public async Task A_call_to_a_silo_that_dies_fails_at_once_and_the_next_one_finds_the_new_owner()
    {
        await using var cluster = new SharedCluster();
        var (dies, stays) = (await cluster.StartSiloAsync(), await cluster.StartSiloAsync());
        var client = await cluster.StartClientAsync();
        var grain = ClientOf(client).GetGrain<IPlaceGrain>(cluster.KeyOn<IPlaceGrain>(dies));
        var hanging = grain.WaitAndTellWhere("never");
        await cluster.Signals.NotedAsync("waits");
        cluster.Kill(dies);
        _ = await Should.ThrowAsync<SiloUnavailableException>(() => hanging.WaitAsync(Patience));
        _ = await Should.ThrowAsync<SiloUnavailableException>(() => grain.Where().WaitAsync(Patience));
        cluster.Signals.Open("never");
        cluster.Table.Set(new ClusterMember(AddressOf(dies), SiloStatus.Dead, "dead", 0));
        (await grain.Where().WaitAsync(Patience)).ShouldBe(NameOf(stays));
    }

    [Fact]
    public async Task Calls_to_a_silo_that_hangs_fail_when_it_is_declared_dead()
    {
        await using var cluster = new SharedCluster();
        var (hangs, stays) = (await cluster.StartSiloAsync(), await cluster.StartSiloAsync());
        var client = await cluster.StartClientAsync();
        var hanging = new[] { (client, "c"), (stays, "s") }
            .Select(call => ClientOf(call.Item1).GetGrain<IPlaceGrain>(cluster.KeyOn<IPlaceGrain>(hangs, call.Item2)).WaitAndTellWhere("never"))
            .ToList();

        // Both must be there: one that has not departed would find the new owner.
        await Until.TrueAsync(() => cluster.Signals.Log.Count(note => note == "waits") == hanging.Count, Patience, () => "not both calls wait");
        cluster.Table.Set(new ClusterMember(AddressOf(hangs), SiloStatus.Dead, "dead", 0));
        foreach (var call in hanging)
        {
            _ = await Should.ThrowAsync<SiloUnavailableException>(() => call.WaitAsync(Patience));
        }

        cluster.Signals.Open("never");
    }

    [Fact]
    public async Task A_grain_that_is_asked_to_move_goes_to_its_owner()
    {
        await using var cluster = new SharedCluster();
        var old = await cluster.StartSiloAsync();
        MembershipOf(old).Stale = true;
        var grains = Enumerable.Range(0, 30).Select(number => ClientOf(old).GetGrain<IPlaceGrain>($"g{number}")).ToList();
        foreach (var grain in grains)
        {
            _ = await grain.Where();
        }

        await grains[0].Move();
        (await grains[0].Where()).ShouldBe(NameOf(old));
        cluster.Signals.Log.ShouldBeEmpty();
        var joined = await cluster.StartSiloAsync();
        var mover = grains.First(grain => AddressOf(joined).Equals(cluster.Table.View.OwnerOf(grain.GetGrainId())));
        MembershipOf(old).Look();
        (await mover.Where()).ShouldBe(NameOf(joined));
        cluster.Overlaps.Most.ShouldBe(1);
    }

    [Fact]
    public async Task Grains_of_every_silo_notify_an_observer_in_a_client_and_one_in_a_silo()
    {
        await using var cluster = new SharedCluster();
        var silos = new[] { await cluster.StartSiloAsync(), await cluster.StartSiloAsync(), await cluster.StartSiloAsync() };
        var client = await cluster.StartClientAsync();
        foreach (var listener in new[] { client, silos[0] })
        {
            var reader = new Reader();
            var reference = ClientOf(listener).CreateObjectReference<INewsObserver>(reader);
            foreach (var silo in silos)
            {
                var grain = ClientOf(listener).GetGrain<INewsGrain>(cluster.KeyOn<INewsGrain>(silo, $"news{reader.GetHashCode()}-"));
                await grain.Subscribe(reference);
                await grain.Publish(NameOf(silo));
                await reader.Signals.NotedAsync(NameOf(silo));
                (await grain.Ask("four")).ShouldBe(4);
            }

            GC.KeepAlive(reader);
        }
    }

    [Fact]
    public async Task A_silo_answers_probes_and_hears_that_the_table_has_changed()
    {
        await using var cluster = new SharedCluster();
        var (one, two) = (await cluster.StartSiloAsync(), await cluster.StartSiloAsync());
        MembershipOf(two).TableAge = TimeSpan.FromSeconds(17);
        (await ProbeOf(one).ProbeAsync(AddressOf(two), CancellationToken.None).WaitAsync(Patience)).ShouldBe(TimeSpan.FromSeconds(17));
        var looks = MembershipOf(two).Looks;
        ProbeOf(one).TellChanged(AddressOf(two));
        await Until.TrueAsync(() => MembershipOf(two).Looks > looks, Patience, () => "it did not look");
        cluster.Kill(two);
        _ = await Should.ThrowAsync<SiloUnavailableException>(() => ProbeOf(one).ProbeAsync(AddressOf(two), CancellationToken.None).WaitAsync(Patience));
    }

    /// <summary>A silo that has not seen that a third one joined, the third, and a key that each of them believes to own.</summary>
    private static async Task<(IHost Old, IHost Joined, string Key)> StartWithOldViewAsync(SharedCluster cluster)
    {
        var (old, _) = (await cluster.StartSiloAsync(), await cluster.StartSiloAsync());
        MembershipOf(old).Stale = true;
        var joined = await cluster.StartSiloAsync();
        var key = Enumerable.Range(0, 10_000).Select(number => $"g{number}").First(key =>
        {
            var grain = ClientOf(old).GetGrain<IPlaceGrain>(key).GetGrainId();
            return AddressOf(joined).Equals(cluster.Table.View.OwnerOf(grain)) && AddressOf(old).Equals(MembershipOf(old).Current.OwnerOf(grain));
        });
        return (old, joined, key);
    }

    private static string NameOf(IHost silo) => ClientOf(silo).ServiceProvider.GetService(typeof(LocalSilo)) is LocalSilo local ? local.Name : "";

    private static async Task<TimeSpan> CallUntilAsync(IPlaceGrain grain, CancellationToken cancellation)
    {
        var longest = TimeSpan.Zero;
        while (!cancellation.IsCancellationRequested)
        {
            var start = TimeProvider.System.GetTimestamp();
            _ = await grain.Where();
            var took = TimeProvider.System.GetElapsedTime(start);
            longest = took > longest ? took : longest;
        }

        return longest;
    }

    private sealed class Reader : INewsObserver
    {
        public Signals Signals { get; } = new();

        public void Tell(string news) => Signals.Note(news);

        public Task<int> Ask(string question) => Task.FromResult(question.Length);
    }
}
