using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Admission.Engine.Tests;

public interface ILifeGrain : IGrainWithStringKey
{
    Task<int> Touch();

    Task End();

    Task EndAndWait(string gate);

    Task DelayEnd(TimeSpan time);

    Task TickEvery(TimeSpan period, bool keepAlive);

    Task Wait(string gate);
}

public sealed class LifeGrain(Signals signals) : Grain, ILifeGrain
{
    private int _touched;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        signals.Note("activated");
        return this.GetPrimaryKeyString() == "fails once" && signals.Log.Count == 1
            ? throw new InvalidOperationException("not yet")
            : Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        signals.Note($"deactivated: {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public Task<int> Touch() => Task.FromResult(++_touched);

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public async Task EndAndWait(string gate)
    {
        DeactivateOnIdle();
        signals.Note("asked to end");
        await signals.WaitAsync(gate);
        signals.Note("call ended");
    }

    public Task DelayEnd(TimeSpan time)
    {
        DelayDeactivation(time);
        return Task.CompletedTask;
    }

    public Task TickEvery(TimeSpan period, bool keepAlive)
    {
        var ticks = 0;
        _ = this.RegisterGrainTimer(
            _ =>
            {
                signals.Note($"tick {++ticks}");
                return Task.CompletedTask;
            },
            new() { DueTime = period, Period = period, KeepAlive = keepAlive });
        return Task.CompletedTask;
    }

    public async Task Wait(string gate)
    {
        signals.Note("waits");
        await signals.WaitAsync(gate);
    }
}

public sealed class ActivationTests
{
    private static readonly TimeSpan Age = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(10);

    private static Task<EngineHost> StartWithFastCollection(TimeProvider? time = null) => EngineHost.StartAsync(silo =>
    {
        silo.Services.AddSingleton(time ?? TimeProvider.System);
        silo.Configure<GrainCollectionOptions>(options =>
        {
            options.CollectionQuantum = TimeSpan.FromMilliseconds(200);
            options.CollectionAge = Age;
        });
    });

    /// <summary>Moves the clock in small steps, each after another tick, so that a grain that ticks is never idle for long, however slow the machine is.</summary>
    /// <returns>The ticks that were seen.</returns>
    private static async Task<int> PassTwiceTheAgeAsync(EngineHost engine, SteppedTime time)
    {
        const int Steps = 20;
        for (var i = 1; i <= Steps; i++)
        {
            await engine.Signals.NotedAsync($"tick {i}");
            time.Advance(2 * Age / Steps);
        }

        return Steps;
    }

    [Fact]
    public async Task Concurrent_first_calls_make_one_activation()
    {
        await using var engine = await EngineHost.StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => Task.Run(() => engine.Client.GetGrain<ILifeGrain>("g").Touch())));
        answers.Order().ShouldBe(Enumerable.Range(1, 100));
        engine.Signals.Log.ShouldBe(["activated"]);
    }

    [Fact]
    public async Task A_failed_activation_fails_the_call_and_the_next_call_tries_again()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<ILifeGrain>("fails once");
        (await Should.ThrowAsync<InvalidOperationException>(() => grain.Touch())).Message.ShouldContain("not yet");
        (await grain.Touch()).ShouldBe(1);
    }

    [Fact]
    public async Task A_grain_that_ends_is_told_why_and_the_next_call_makes_a_new_one()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<ILifeGrain>("g");
        (await grain.Touch()).ShouldBe(1);
        await grain.End();
        await engine.Signals.NotedAsync("deactivated: ApplicationRequested");
        (await grain.Touch()).ShouldBe(1);
        engine.Signals.Log.ShouldBe(["activated", "deactivated: ApplicationRequested", "activated"]);
    }

    [Fact]
    public async Task Deactivation_waits_for_the_running_call_and_passes_waiting_calls_on()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<ILifeGrain>("g");
        (await grain.Touch()).ShouldBe(1);
        var running = grain.EndAndWait("gate");
        await engine.Signals.NotedAsync("asked to end");
        var waiting = grain.Touch();
        engine.Signals.Open("gate");
        await running;
        (await waiting).ShouldBe(1);
        engine.Signals.Log.ShouldBe(["activated", "asked to end", "call ended", "deactivated: ApplicationRequested", "activated"]);
    }

    [Fact]
    public async Task An_idle_grain_is_collected()
    {
        await using var engine = await StartWithFastCollection();
        (await engine.Client.GetGrain<ILifeGrain>("g").Touch()).ShouldBe(1);
        await engine.Signals.NotedAsync("deactivated: ActivationIdle");
        (await engine.Client.GetGrain<ILifeGrain>("g").Touch()).ShouldBe(1);
    }

    [Fact]
    public async Task A_timer_does_not_keep_a_grain_alive()
    {
        await using var engine = await StartWithFastCollection();
        await engine.Client.GetGrain<ILifeGrain>("g").TickEvery(TimeSpan.FromMilliseconds(100), keepAlive: false);
        await engine.Signals.NotedAsync("tick 3");
        await engine.Signals.NotedAsync("deactivated: ActivationIdle");
    }

    [Fact]
    public async Task A_timer_that_says_so_keeps_a_grain_alive()
    {
        var time = new SteppedTime();
        await using var engine = await StartWithFastCollection(time);
        await engine.Client.GetGrain<ILifeGrain>("idle").Touch();
        await engine.Client.GetGrain<ILifeGrain>("ticks").TickEvery(Period, keepAlive: true);
        var ticks = await PassTwiceTheAgeAsync(engine, time);

        // The collector has been there, for the other grain; this one goes on counting.
        await engine.Signals.NotedAsync("deactivated: ActivationIdle");
        await engine.Signals.NotedAsync($"tick {ticks + 2}");
        engine.Signals.Log.Count(line => line == "deactivated: ActivationIdle").ShouldBe(1);
    }

    [Fact]
    public async Task A_grain_that_delays_its_end_is_kept()
    {
        var time = new SteppedTime();
        await using var engine = await StartWithFastCollection(time);
        var kept = engine.Client.GetGrain<ILifeGrain>("kept");
        (await kept.Touch()).ShouldBe(1);
        await kept.DelayEnd(TimeSpan.FromMinutes(5));
        await engine.Client.GetGrain<ILifeGrain>("idle").Touch();
        await engine.Client.GetGrain<ILifeGrain>("ticks").TickEvery(Period, keepAlive: true);
        _ = await PassTwiceTheAgeAsync(engine, time);
        await engine.Signals.NotedAsync("deactivated: ActivationIdle");
        (await kept.Touch()).ShouldBe(2);
    }

    [Fact]
    public async Task A_stopping_silo_ends_its_grains_and_tells_them_why()
    {
        var engine = await EngineHost.StartAsync();
        var signals = engine.Signals;
        (await engine.Client.GetGrain<ILifeGrain>("g").Touch()).ShouldBe(1);
        await engine.DisposeAsync();
        signals.Log.ShouldBe(["activated", "deactivated: ShuttingDown"]);
    }

    [Fact]
    public async Task A_stopping_silo_does_not_wait_for_ever()
    {
        var engine = await EngineHost.StartAsync();
        var call = engine.Client.GetGrain<ILifeGrain>("g").Wait("never");
        await engine.Signals.NotedAsync("waits");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await engine.Host.StopAsync(patience.Token).WaitAsync(TimeSpan.FromSeconds(15));
        }
        catch (OperationCanceledException)
        {
            // A host may say so when its time to stop is up.
        }

        engine.Signals.Open("never");
        engine.Host.Dispose();
        _ = await Task.WhenAny(call);
    }

    [Fact]
    public async Task Services_that_are_added_after_the_silo_start_after_it_and_stop_before_it()
    {
        var builder = Host.CreateApplicationBuilder();
        _ = builder.Services.AddSingleton<Signals>();
        _ = builder.UseOrleans(silo => silo.UseLocalhostClustering(EngineHost.NextPort(), EngineHost.NextPort()));
        _ = builder.Services.AddHostedService<CallsWhileItStartsAndStops>();
        using var host = builder.Build();
        await host.StartAsync();
        await host.StopAsync();
        host.Services.GetRequiredService<Signals>().Log
            .ShouldBe(["activated", "answered 1", "answered 2", "deactivated: ShuttingDown"]);
    }

    private sealed class CallsWhileItStartsAndStops(IGrainFactory grains, Signals signals) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => CallAsync();

        public Task StopAsync(CancellationToken cancellationToken) => CallAsync();

        private async Task CallAsync() => signals.Note($"answered {await grains.GetGrain<ILifeGrain>("g").Touch()}");
    }

    /// <summary>Stands still until the test moves it; timers run as ever.</summary>
    private sealed class SteppedTime : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Interlocked.Read(ref _now);

        public void Advance(TimeSpan by) => Interlocked.Add(ref _now, by.Ticks);
    }
}
