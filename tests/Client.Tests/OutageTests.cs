using System.Collections.Concurrent;
using Admission.Capacity;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace Admission.Client.Tests;

/// <summary>What the log says of a ledger that does not answer, or may not grant.</summary>
public class OutageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly BackendPolicy Policy = new() { Limit = 2, Overflow = Overflow.Wait, QueueCapacity = 10, MaxWait = TimeSpan.FromSeconds(30) };

    private readonly ICapacityGrain _grain = Substitute.For<ICapacityGrain>();
    private readonly Lines _lines = new();
    private volatile Way _way = Way.WithoutAuthority;

    [Fact]
    public async Task An_outage_is_logged_when_it_begins_and_when_it_ends_whatever_it_is()
    {
        await using var cluster = await TestCluster.StartAsync();
        var real = cluster.Grains.GetGrain<ICapacityGrain>(CapacityGrainKey.Of("b"));
        var tried = 0;
        _grain.ApplyPolicyAsync(Arg.Any<BackendPolicy>()).Returns(call => real.ApplyPolicyAsync(call.Arg<BackendPolicy>()));
        _grain.ExchangeAsync(Arg.Any<HolderReport>(), Arg.Any<ICapacityObserver>()).Returns(call =>
        {
            Interlocked.Increment(ref tried);
            var report = call.Arg<HolderReport>();
            return _way switch
            {
                Way.WithoutAuthority => Task.FromResult(new LedgerMessage
                {
                    Epoch = Math.Max(1, report.Epoch), Holder = report.Holder, Incarnation = report.Incarnation, Sequence = 0, Status = LedgerStatus.NoAuthority,
                }),
                Way.Broken => Task.FromException<LedgerMessage>(new TimeoutException("The test has cut the network.")),
                _ => real.ExchangeAsync(report, call.Arg<ICapacityObserver>()),
            };
        });
        await using var client = Client(cluster);
        (await client.ConfigureAsync("b", Policy)).Errors.ShouldBeEmpty();
        var waiting = client.AcquireAsync("b").AsTask();
        await UntilAsync(() => Volatile.Read(ref tried) >= 4);
        _lines.Count(1009).ShouldBe(1);
        _lines.Count(1000).ShouldBe(0);
        client.StateOf("b")!.Value.IsCutOff.ShouldBeTrue();

        _way = Way.Open;
        (await waiting.WaitAsync(Patience)).Permit.Dispose();
        await UntilAsync(() => _lines.Count(1001) == 1);
        client.StateOf("b")!.Value.ShouldSatisfyAllConditions(state => state.IsDetached.ShouldBeFalse(), state => state.HasLease.ShouldBeTrue());
        client.StateOf("elsewhere").ShouldBeNull();

        _way = Way.Broken;
        await UntilAsync(() => _lines.Count(1000) == 1);
        var held = client.StateOf("b")!.Value.Held;
        held.ShouldBeGreaterThan(0);
        (await client.AcquireAsync("b")).Permit.Dispose();
        _way = Way.Open;
        await UntilAsync(() => _lines.Count(1001) == 2);
        (_lines.Count(1000), _lines.Count(1008), _lines.Count(1009)).ShouldBe((1, 0, 1));
    }

    [Fact]
    public async Task A_policy_that_cannot_be_delivered_is_logged_once_and_is_no_outage()
    {
        await using var cluster = await TestCluster.StartAsync();
        var real = cluster.Grains.GetGrain<ICapacityGrain>(CapacityGrainKey.Of("b"));
        (await real.ApplyPolicyAsync(Policy)).Errors.ShouldBeEmpty();
        var tried = 0;
        _grain.ExchangeAsync(Arg.Any<HolderReport>(), Arg.Any<ICapacityObserver>())
            .Returns(call => real.ExchangeAsync(call.Arg<HolderReport>(), call.Arg<ICapacityObserver>()));
        _grain.ApplyPolicyAsync(Arg.Any<BackendPolicy>()).Returns(_ =>
        {
            Interlocked.Increment(ref tried);
            return Task.FromException<PolicyAnswer>(new TimeoutException("Storage does not work."));
        });
        await using var client = Client(cluster);
        (await client.ConfigureAsync("b", Policy)).Version.ShouldBe(0);
        (await client.AcquireAsync("b").AsTask().WaitAsync(Patience)).Permit.Dispose();
        await UntilAsync(() => Volatile.Read(ref tried) >= 4);

        (_lines.Count(1007), _lines.Count(1000), _lines.Count(1001)).ShouldBe((1, 0, 0));
    }

    private AdmissionClient Client(TestCluster cluster)
    {
        var grains = Substitute.For<IGrainFactory>();
        grains.GetGrain<ICapacityGrain>(CapacityGrainKey.Of("b")).Returns(_grain);
        grains.CreateObjectReference<ICapacityObserver>(Arg.Any<IGrainObserver>()).Returns(call => cluster.Grains.CreateObjectReference<ICapacityObserver>(call.Arg<IGrainObserver>()));
        var options = new AdmissionClientOptions { LongestRetry = TimeSpan.FromMilliseconds(50) };
        return new AdmissionClient(grains, Options.Create(options), TimeProvider.System, _lines);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), patience.Token);
        }
    }

    private enum Way
    {
        None,
        WithoutAuthority,
        Open,
        Broken,
    }

    private sealed class Lines : ILogger<AdmissionClient>
    {
        private readonly ConcurrentQueue<int> _ids = new();

        public int Count(int id) => _ids.Count(each => each == id);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            _ids.Enqueue(eventId.Id);
    }
}
