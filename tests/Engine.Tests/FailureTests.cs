using Orleans;
using Orleans.Concurrency;

namespace Admission.Engine.Tests;

public interface IFailureGrain : IGrainWithStringKey
{
    [ResponseTimeout("00:00:00.5")]
    Task WaitBriefly(string gate);

    Task Wait(string gate, CancellationToken cancellation);

    Task Throw(bool atOnce);

    [OneWay]
    Task Tell(string what);

    [OneWay]
    Task TellAndThrow(string what);

    Task Note(string what);

    [AlwaysInterleave]
    Task<bool> CanBeCancelled(CancellationToken cancellation);
}

public sealed class FailureGrain(Signals signals) : Grain, IFailureGrain
{
    public async Task WaitBriefly(string gate)
    {
        await signals.WaitAsync(gate);
        signals.Note("waited briefly");
    }

    public async Task Wait(string gate, CancellationToken cancellation)
    {
        signals.Note("begins");
        try
        {
            await signals.WaitAsync(gate, cancellation);
        }
        catch (OperationCanceledException)
        {
            signals.Note("cancelled");
            throw;
        }
    }

    public async Task Throw(bool atOnce)
    {
        if (!atOnce)
        {
            await Task.Yield();
        }

        throw new InvalidOperationException("as intended");
    }

    public Task Tell(string what)
    {
        signals.Note(what);
        return Task.CompletedTask;
    }

    public Task TellAndThrow(string what)
    {
        signals.Note(what);
        throw new InvalidOperationException("nobody hears this");
    }

    public Task Note(string what) => Tell(what);

    public Task<bool> CanBeCancelled(CancellationToken cancellation) => Task.FromResult(cancellation.IsCancellationRequested);
}

public sealed class FailureTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_exception_reaches_the_caller_with_its_type_and_message(bool atOnce)
    {
        await using var engine = await EngineHost.StartAsync();
        var thrown = await Should.ThrowAsync<InvalidOperationException>(() => engine.Client.GetGrain<IFailureGrain>("g").Throw(atOnce));
        thrown.Message.ShouldBe("as intended");
        await engine.Client.GetGrain<IFailureGrain>("g").Note("it lives");
    }

    [Fact]
    public async Task A_caller_stops_waiting_after_the_time_of_the_method()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<IFailureGrain>("g");
        _ = await Should.ThrowAsync<TimeoutException>(() => grain.WaitBriefly("gate").WaitAsync(TimeSpan.FromSeconds(20)));
        engine.Signals.Open("gate");
    }

    [Fact]
    public async Task A_call_that_timed_out_in_the_queue_is_not_run()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<IFailureGrain>("g");
        var blocking = grain.Wait("block", CancellationToken.None);
        await engine.Signals.NotedAsync("begins");
        _ = await Should.ThrowAsync<TimeoutException>(() => grain.WaitBriefly("open"));
        engine.Signals.Open("open");
        engine.Signals.Open("block");
        await blocking;
        await grain.Note("after");
        engine.Signals.Log.ShouldBe(["begins", "after"]);
    }

    [Fact]
    public async Task Cancelling_a_call_cancels_the_token_of_the_method()
    {
        await using var engine = await EngineHost.StartAsync();
        using var source = new CancellationTokenSource();
        var call = engine.Client.GetGrain<IFailureGrain>("g").Wait("never", source.Token);
        await engine.Signals.NotedAsync("begins");
        await source.CancelAsync();
        _ = await Should.ThrowAsync<OperationCanceledException>(() => call);
        await engine.Signals.NotedAsync("cancelled");
    }

    [Fact]
    public async Task A_call_that_is_cancelled_in_the_queue_is_not_run()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<IFailureGrain>("g");
        var blocking = grain.Wait("block", CancellationToken.None);
        await engine.Signals.NotedAsync("begins");
        using var source = new CancellationTokenSource();
        var waiting = grain.Wait("never", source.Token);
        await source.CancelAsync();
        _ = await Should.ThrowAsync<OperationCanceledException>(() => waiting);
        engine.Signals.Open("block");
        await blocking;
        await grain.Note("after");
        engine.Signals.Log.ShouldBe(["begins", "after"]);
    }

    [Fact]
    public async Task A_call_with_a_token_that_is_not_cancelled_just_works()
    {
        await using var engine = await EngineHost.StartAsync();
        using var source = new CancellationTokenSource();
        (await engine.Client.GetGrain<IFailureGrain>("g").CanBeCancelled(source.Token)).ShouldBeFalse();
        (await engine.Client.GetGrain<IFailureGrain>("g").CanBeCancelled(CancellationToken.None)).ShouldBeFalse();
    }

    [Fact]
    public async Task A_one_way_call_arrives_and_its_failure_is_nobodys()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<IFailureGrain>("g");
        await grain.TellAndThrow("first");
        await grain.Tell("second");
        await engine.Signals.NotedAsync("second");
        engine.Signals.Log.ShouldBe(["first", "second"]);
    }

    [Fact]
    public async Task A_call_to_a_silo_that_has_stopped_fails()
    {
        var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<IFailureGrain>("g");
        await grain.Note("before");
        await engine.Host.StopAsync();
        _ = await Should.ThrowAsync<Exception>(() => grain.Note("after"));
        engine.Host.Dispose();
    }
}
