using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Orleans;

namespace Admission.Engine.Tests;

/// <summary>A cluster of several silos, and a client that is in none of them.</summary>
[Collection(PostgresCollection.Name)]
public sealed class ClusterTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    [SkippableFact]
    public async Task Grains_are_spread_over_the_silos_and_found_from_everywhere()
    {
        await using var cluster = await StartAsync(3);
        var clients = cluster.Silos.Select(silo => (IClusterClient)silo.Services.GetService(typeof(IClusterClient))!).Append(cluster.Client).ToList();
        for (var i = 0; i < 60; i++)
        {
            await clients[i % clients.Count].GetGrain<IFailureGrain>($"g{i}").Note($"g{i}");
        }

        var noted = cluster.Silos.SelectMany(silo => ClusterHost.SignalsOf(silo).Log).ToList();
        noted.Order(StringComparer.Ordinal).ShouldBe(Enumerable.Range(0, 60).Select(i => $"g{i}").Order(StringComparer.Ordinal));
        cluster.Silos.ShouldAllBe(silo => ClusterHost.SignalsOf(silo).Log.Count > 5);
    }

    [SkippableFact]
    public async Task All_callers_of_a_grain_meet_the_same_activation()
    {
        await using var cluster = await StartAsync(3);
        var clients = cluster.Silos.Select(silo => (IClusterClient)silo.Services.GetService(typeof(IClusterClient))!).Append(cluster.Client).ToList();
        await Task.WhenAll(Enumerable.Range(0, 200).Select(i => clients[i % clients.Count].GetGrain<ICounterGrain>($"c{i % 10}").Add(1)));
        for (var i = 0; i < 10; i++)
        {
            (await cluster.Client.GetGrain<ICounterGrain>($"c{i}").Add(0)).ShouldBe(20);
        }
    }

    [SkippableFact]
    public async Task Stopping_and_starting_silos_one_after_the_other_loses_no_call()
    {
        await using var cluster = await StartAsync(3);
        var load = new Load(cluster.Client, grains: 20, callers: 8);
        var former = cluster.Silos.ToList();
        foreach (var silo in former)
        {
            await load.CallsAsync(300);
            await cluster.StopSiloAsync(silo);
            await load.CallsAsync(300);
            _ = await cluster.StartSiloAsync();
        }

        await load.CallsAsync(300);
        await load.StopAsync();
        load.Failures.ShouldBeEmpty();
        (await load.CountAsync()).ShouldBe(load.Calls);
    }

    [SkippableFact]
    public async Task A_silo_that_joins_takes_grains_and_loses_no_call()
    {
        await using var cluster = await StartAsync(1);
        var load = new Load(cluster.Client, grains: 20, callers: 8);
        await load.CallsAsync(300);
        var second = await cluster.StartSiloAsync();
        await Admission.Testing.Until.TrueAsync(
            () => ClusterHost.SignalsOf(cluster.Silos[0]).Log.Any(line => line.StartsWith("deactivated", StringComparison.Ordinal)), Bound,
            () => "The first silo keeps all grains.");
        await load.CallsAsync(300);
        await load.StopAsync();
        load.Failures.ShouldBeEmpty();
        (await load.CountAsync()).ShouldBe(load.Calls);
        await cluster.StopSiloAsync(cluster.Silos[0]);
        (await load.CountAsync()).ShouldBe(load.Calls);
        _ = second;
    }

    [SkippableFact]
    public async Task Observers_are_notified_from_every_silo_and_from_new_owners()
    {
        await using var cluster = await StartAsync(3);
        var reader = new Reader();
        var reference = cluster.Client.CreateObjectReference<INewsObserver>(reader);
        for (var i = 0; i < 12; i++)
        {
            await cluster.Client.GetGrain<INewsGrain>($"n{i}").Subscribe(reference);
            await cluster.Client.GetGrain<INewsGrain>($"n{i}").Publish($"first {i}");
            await reader.Signals.NotedAsync($"first {i}");
        }

        await cluster.StopSiloAsync(cluster.Silos[0]);
        for (var i = 0; i < 12; i++)
        {
            await cluster.Client.GetGrain<INewsGrain>($"n{i}").Subscribe(reference);
            await cluster.Client.GetGrain<INewsGrain>($"n{i}").Publish($"second {i}");
            await reader.Signals.NotedAsync($"second {i}");
        }

        GC.KeepAlive(reader);
    }

    private async Task<ClusterHost> StartAsync(int silos) => await ClusterHost.StartAsync(await postgres.CreateDatabaseAsync(), silos);

    private sealed class Reader : INewsObserver
    {
        public Signals Signals { get; } = new();

        public void Tell(string news) => Signals.Note(news);

        public Task<int> Ask(string question) => Task.FromResult(question.Length);
    }

    /// <summary>Callers that count in grains, one call after the other, until they are stopped.</summary>
    private sealed class Load
    {
        private readonly IClusterClient _client;
        private readonly int _grains;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _callers;
        private int _calls;

        public Load(IClusterClient client, int grains, int callers)
        {
            (_client, _grains) = (client, grains);
            _callers = Task.WhenAll(Enumerable.Range(0, callers).Select(CallAsync));
        }

        public int Calls => Volatile.Read(ref _calls);

        public ConcurrentQueue<string> Failures { get; } = new();

        public Task CallsAsync(int more)
        {
            var enough = Calls + more;
            return Admission.Testing.Until.TrueAsync(
                () => Calls >= enough || !Failures.IsEmpty, Bound, () => $"Only {Calls} calls have returned.");
        }

        public async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _callers;
        }

        public async Task<int> CountAsync()
        {
            var counts = await Task.WhenAll(Enumerable.Range(0, _grains).Select(i => _client.GetGrain<ICounterGrain>($"load{i}").Add(0)));
            return counts.Sum();
        }

        private async Task CallAsync(int caller)
        {
            for (var i = caller; !_stop.IsCancellationRequested; i++)
            {
                try
                {
                    _ = await _client.GetGrain<ICounterGrain>($"load{i % _grains}").Add(1);
                    _ = Interlocked.Increment(ref _calls);
                }
                catch (Exception exception)
                {
                    Failures.Enqueue(exception.ToString());
                }
            }
        }
    }
}
