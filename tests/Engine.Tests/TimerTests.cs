using Orleans;
using Orleans.Runtime;

namespace Admission.Engine.Tests;

public interface ITimerGrain : IGrainWithStringKey
{
    /// <summary>Starts a timer that notes its ticks by name.</summary>
    Task Start(string name, TimeSpan due, TimeSpan period, bool interleave = false);

    Task StartAllForms();

    Task StartOneThatFails();

    Task StartOneThatWaitsForItsToken();

    Task Change(TimeSpan due, TimeSpan period);

    Task Stop();

    Task Wait(string gate);
}

public sealed class TimerGrain(Signals signals) : Grain, ITimerGrain
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(10);

    private IGrainTimer? _timer;

    public Task Start(string name, TimeSpan due, TimeSpan period, bool interleave = false)
    {
        var ticks = 0;
        _timer = this.RegisterGrainTimer(
            _ =>
            {
                signals.Note($"{name} {++ticks}");
                return Task.CompletedTask;
            },
            new() { DueTime = due, Period = period, Interleave = interleave });
        return Task.CompletedTask;
    }

    public Task StartAllForms()
    {
        var once = Timeout.InfiniteTimeSpan;
        var options = new GrainTimerCreationOptions(Soon, once);
        _ = this.RegisterGrainTimer(_ => Note("token"), Soon, once);
        _ = this.RegisterGrainTimer(_ => Note("token, options"), options);
        _ = this.RegisterGrainTimer(() => Note("plain"), Soon, once);
        _ = this.RegisterGrainTimer(() => Note("plain, options"), options);
        _ = this.RegisterGrainTimer((what, _) => Note(what), "state", Soon, once);
        _ = this.RegisterGrainTimer((what, _) => Note(what), "state, options", options);
        return Task.CompletedTask;
    }

    public Task StartOneThatFails()
    {
        var ticks = 0;
        _timer = this.RegisterGrainTimer(
            _ =>
            {
                signals.Note($"fails {++ticks}");
                throw new InvalidOperationException("as intended");
            },
            Soon,
            Soon);
        return Task.CompletedTask;
    }

    public Task StartOneThatWaitsForItsToken()
    {
        _timer = this.RegisterGrainTimer(
            async token =>
            {
                signals.Note("waits");
                await Task.Delay(Timeout.InfiniteTimeSpan, token).ContinueWith(_ => signals.Note("let go"), TaskScheduler.Current);
            },
            new() { DueTime = Soon, Period = Soon, Interleave = true });
        return Task.CompletedTask;
    }

    public Task Change(TimeSpan due, TimeSpan period)
    {
        _timer!.Change(due, period);
        return Task.CompletedTask;
    }

    public Task Stop()
    {
        _timer!.Dispose();
        return Task.CompletedTask;
    }

    public async Task Wait(string gate)
    {
        signals.Note("call begins");
        await signals.WaitAsync(gate);
        signals.Note("call ends");
    }

    private Task Note(string what)
    {
        signals.Note(what);
        return Task.CompletedTask;
    }
}

public sealed class TimerTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(20);

    [Fact]
    public async Task A_timer_ticks_again_and_again()
    {
        await using var engine = await EngineHost.StartAsync();
        await engine.Client.GetGrain<ITimerGrain>("g").Start("tick", Soon, Soon);
        await engine.Signals.NotedAsync("tick 5");
        engine.Signals.Log.Take(5).ShouldBe(Enumerable.Range(1, 5).Select(i => $"tick {i}"));
    }

    [Fact]
    public async Task Every_form_of_registration_ticks()
    {
        await using var engine = await EngineHost.StartAsync();
        await engine.Client.GetGrain<ITimerGrain>("g").StartAllForms();
        foreach (var form in new[] { "token", "token, options", "plain", "plain, options", "state", "state, options" })
        {
            await engine.Signals.NotedAsync(form);
        }
    }

    [Fact]
    public async Task A_timer_without_period_ticks_once()
    {
        await using var engine = await EngineHost.StartAsync();
        await engine.Client.GetGrain<ITimerGrain>("once").Start("once", Soon, Timeout.InfiniteTimeSpan);
        await engine.Client.GetGrain<ITimerGrain>("clock").Start("tick", Soon, Soon);
        await engine.Signals.NotedAsync("once 1");
        await engine.Signals.NotedAsync("tick 20");
        engine.Signals.Log.ShouldNotContain("once 2");
    }

    [Fact]
    public async Task A_tick_waits_for_the_call_that_runs()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<ITimerGrain>("g");
        await grain.Start("tick", TimeSpan.FromMilliseconds(200), Timeout.InfiniteTimeSpan);
        var call = grain.Wait("gate");
        await engine.Client.GetGrain<ITimerGrain>("clock").Start("clock", TimeSpan.FromMilliseconds(600), Timeout.InfiniteTimeSpan);
        await engine.Signals.NotedAsync("clock 1");
        engine.Signals.Open("gate");
        await call;
        await engine.Signals.NotedAsync("tick 1");
        engine.Signals.Log.Where(line => line != "clock 1").ShouldBe(["call begins", "call ends", "tick 1"]);
    }

    [Fact]
    public async Task A_tick_that_interleaves_does_not_wait_for_the_call_that_runs()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<ITimerGrain>("g");
        await grain.Start("tick", TimeSpan.FromMilliseconds(100), Timeout.InfiniteTimeSpan, interleave: true);
        var call = grain.Wait("gate");
        await engine.Signals.NotedAsync("tick 1");
        engine.Signals.Open("gate");
        await call;
        engine.Signals.Log[^1].ShouldBe("call ends");
    }

    [Fact]
    public async Task A_callback_that_fails_does_not_end_the_timer()
    {
        await using var engine = await EngineHost.StartAsync();
        await engine.Client.GetGrain<ITimerGrain>("g").StartOneThatFails();
        await engine.Signals.NotedAsync("fails 3");
    }

    [Fact]
    public async Task A_timer_can_be_changed()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<ITimerGrain>("g");
        await grain.Start("tick", TimeSpan.FromHours(1), TimeSpan.FromHours(1));
        await grain.Change(Soon, Soon);
        await engine.Signals.NotedAsync("tick 3");
    }

    [Fact]
    public async Task A_disposed_timer_does_not_tick_and_its_token_is_cancelled()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<ITimerGrain>("g");
        await grain.StartOneThatWaitsForItsToken();
        await engine.Signals.NotedAsync("waits");
        await grain.Stop();
        await engine.Signals.NotedAsync("let go");
        await engine.Client.GetGrain<ITimerGrain>("clock").Start("tick", Soon, Soon);
        await engine.Signals.NotedAsync("tick 10");
        engine.Signals.Log.Count(line => line == "waits").ShouldBe(1);
    }
}
