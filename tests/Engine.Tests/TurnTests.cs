using Orleans;
using Orleans.Concurrency;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Admission.Engine.Tests;

public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Notes its start, waits for the gate of its name, notes its end.</summary>
    Task Run(string name);

    [AlwaysInterleave]
    Task RunBeside(string name);

    [ReadOnly]
    Task Look(string name);

    [ResponseTimeout("00:00:01")]
    Task CallYourself();

    /// <summary>Adds to a number without any lock, leaving and entering turns on the way.</summary>
    Task Add(int times);

    Task<int> Sum();
}

public interface IReentrantGrain : ITurnGrain;

public abstract class TurnGrainBase(Signals signals) : Grain, ITurnGrain
{
    private int _inside;
    private int _sum;

    public async Task Run(string name)
    {
        signals.Note($"{name} begins");
        await signals.WaitAsync(name);
        signals.Note($"{name} ends");
    }

    public Task RunBeside(string name) => Run(name);

    public Task Look(string name) => Run(name);

    public Task CallYourself() => GrainFactory.GetGrain<ITurnGrain>(this.GetPrimaryKeyString(), typeof(TurnGrain).FullName).Sum();

    public async Task Add(int times)
    {
        for (var i = 0; i < times; i++)
        {
            if (Interlocked.Increment(ref _inside) != 1)
            {
                throw new InvalidOperationException("Two turns at once.");
            }

            var before = _sum;
            Thread.SpinWait(20);
            _sum = before + 1;
            _ = Interlocked.Decrement(ref _inside);
            await Task.Yield();
        }
    }

    public Task<int> Sum() => Task.FromResult(_sum);
}

public sealed class TurnGrain(Signals signals) : TurnGrainBase(signals);

[Reentrant]
public sealed class ReentrantTurnGrain(Signals signals) : TurnGrainBase(signals), IReentrantGrain;

public sealed class TurnTests
{
    private static ITurnGrain Plain(EngineHost engine, string key = "g") =>
        engine.Client.GetGrain<ITurnGrain>(key, typeof(TurnGrain).FullName);

    [Fact]
    public async Task A_call_waits_for_the_one_before_although_that_one_awaits()
    {
        await using var engine = await EngineHost.StartAsync();
        var first = Plain(engine).Run("first");
        await engine.Signals.NotedAsync("first begins");
        var second = Plain(engine).Run("second");
        engine.Signals.Open("second");
        engine.Signals.Open("first");
        await Task.WhenAll(first, second);
        engine.Signals.Log.ShouldBe(["first begins", "first ends", "second begins", "second ends"]);
    }

    [Fact]
    public async Task Grains_do_not_wait_for_each_other()
    {
        await using var engine = await EngineHost.StartAsync();
        var first = Plain(engine, "a").Run("first");
        await engine.Signals.NotedAsync("first begins");
        engine.Signals.Open("second");
        await Plain(engine, "b").Run("second");
        engine.Signals.Open("first");
        await first;
        engine.Signals.Log.ShouldBe(["first begins", "second begins", "second ends", "first ends"]);
    }

    [Fact]
    public async Task Calls_of_a_reentrant_grain_interleave_at_awaits()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<IReentrantGrain>("g");
        var first = grain.Run("first");
        await engine.Signals.NotedAsync("first begins");
        engine.Signals.Open("second");
        await grain.Run("second");
        engine.Signals.Open("first");
        await first;
        engine.Signals.Log.ShouldBe(["first begins", "second begins", "second ends", "first ends"]);
    }

    [Fact]
    public async Task A_method_that_always_interleaves_does_not_wait_and_does_not_make_others_wait()
    {
        await using var engine = await EngineHost.StartAsync();
        var beside = Plain(engine).RunBeside("beside");
        await engine.Signals.NotedAsync("beside begins");
        var first = Plain(engine).Run("first");
        await engine.Signals.NotedAsync("first begins");
        var waiting = Plain(engine).Run("waiting");
        engine.Signals.Open("overtakes");
        await Plain(engine).RunBeside("overtakes");
        foreach (var gate in new[] { "waiting", "first", "beside" })
        {
            engine.Signals.Open(gate);
        }

        await Task.WhenAll(beside, first, waiting);
        engine.Signals.Log.Take(4).ShouldBe(["beside begins", "first begins", "overtakes begins", "overtakes ends"]);
        engine.Signals.Log.ToList().IndexOf("waiting begins").ShouldBeGreaterThan(engine.Signals.Log.ToList().IndexOf("first ends"));
    }

    [Fact]
    public async Task Read_only_calls_interleave_with_each_other_and_not_with_others()
    {
        await using var engine = await EngineHost.StartAsync();
        var look = Plain(engine).Look("look");
        await engine.Signals.NotedAsync("look begins");
        var write = Plain(engine).Run("write");
        engine.Signals.Open("look too");
        await Plain(engine).Look("look too");
        engine.Signals.Open("write");
        engine.Signals.Open("look");
        await Task.WhenAll(look, write);
        engine.Signals.Log.ShouldBe(["look begins", "look too begins", "look too ends", "look ends", "write begins", "write ends"]);
    }

    [Fact]
    public async Task Turns_of_interleaving_calls_never_run_at_once()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<IReentrantGrain>("g");
        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => Task.Run(() => grain.Add(200))));
        (await grain.Sum()).ShouldBe(32 * 200);
    }

    [Fact]
    public async Task Calls_of_one_caller_are_served_in_their_order()
    {
        await using var engine = await EngineHost.StartAsync();
        var calls = new List<Task>();
        for (var i = 0; i < 200; i++)
        {
            engine.Signals.Open($"{i}");
            calls.Add(Plain(engine).Run($"{i}"));
        }

        await Task.WhenAll(calls);
        engine.Signals.Log.Where(line => line.EndsWith("begins", StringComparison.Ordinal))
            .ShouldBe(Enumerable.Range(0, 200).Select(i => $"{i} begins"));
    }

    [Fact]
    public async Task A_grain_that_calls_itself_and_waits_times_out()
    {
        await using var engine = await EngineHost.StartAsync(silo =>
            silo.Configure<SiloMessagingOptions>(options => options.ResponseTimeout = TimeSpan.FromSeconds(2)));
        _ = await Should.ThrowAsync<TimeoutException>(() => Plain(engine).CallYourself());
    }
}
