using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Fallback.Membership;
using Orleans.Fallback.Network;

namespace Admission.Engine.Tests.FallbackOnly.Membership;

/// <summary>A silo of a real cluster that ends without a word.</summary>
[Collection(PostgresCollection.Name)]
public sealed class DeathTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [SkippableTheory]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_grains_of_a_silo_that_dies_come_back_elsewhere_with_their_state(int silos)
    {
        await using var cluster = await ClusterHost.StartAsync(await postgres.CreateDatabaseAsync(), silos);
        for (var i = 0; i < 20; i++)
        {
            (await cluster.Client.GetGrain<ICounterGrain>($"c{i}").Add(i)).ShouldBe(i);
        }

        await KillAsync(cluster, cluster.Silos[0]);
        for (var i = 0; i < 20; i++)
        {
            (await CallAsync(() => cluster.Client.GetGrain<ICounterGrain>($"c{i}").Add(1000))).ShouldBeGreaterThanOrEqualTo(1000 + i);
        }

        var view = cluster.Silos[0].Services.GetRequiredService<IClusterMembership>().Current;
        view.Active.Count.ShouldBe(silos - 1);
    }

    [SkippableFact]
    public async Task Calls_to_a_silo_that_dies_end_soon()
    {
        await using var cluster = await ClusterHost.StartAsync(await postgres.CreateDatabaseAsync(), 3);
        var calls = Enumerable.Range(0, 30).Select(i => cluster.Client.GetGrain<IFailureGrain>($"f{i}").Wait("gate", CancellationToken.None)).ToList();
        await Admission.Testing.Until.TrueAsync(
            () => cluster.Silos.Sum(silo => ClusterHost.SignalsOf(silo).Log.Count) == 30, Bound, () => "Not all calls have arrived.");
        var dying = cluster.Silos[0];
        var there = ClusterHost.SignalsOf(dying).Log.Count;
        await KillAsync(cluster, dying);
        await Admission.Testing.Until.TrueAsync(
            () => calls.Count(call => call.IsFaulted) == there, TimeSpan.FromSeconds(5), () => "Calls to the dead silo hang.");
        foreach (var silo in cluster.Silos)
        {
            ClusterHost.SignalsOf(silo).Open("gate");
        }

        await Task.WhenAll(calls.Where(call => !call.IsFaulted));
    }

    // As kill -9 looks from outside: connections reset, ports closed, nothing more in the table.
    private static async Task KillAsync(ClusterHost cluster, IHost silo)
    {
        cluster.Forget(silo);
        await silo.Services.GetRequiredService<SiloListeners>().StopAsync();
        silo.Dispose();
    }

    private static async Task<int> CallAsync(Func<Task<int>> call)
    {
        var result = 0;
        Exception? last = null;
        await Admission.Testing.Until.TrueAsync(
            async () =>
            {
                try
                {
                    result = await call();
                    return true;
                }
                catch (Exception exception)
                {
                    last = exception;
                    return false;
                }
            },
            Bound,
            () => $"It does not come back: {last}");
        return result;
    }
}
