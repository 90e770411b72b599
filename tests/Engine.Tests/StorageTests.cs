using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Runtime.Hosting;
using Orleans.Storage;

namespace Admission.Engine.Tests;

[GenerateSerializer, Alias("engine-tests.counter")]
public sealed class CounterState
{
    [Id(0)]
    public int Value { get; set; }

    [Id(1)]
    public Dictionary<string, int> Parts { get; set; } = [];
}

public interface ICounterGrain : IGrainWithStringKey
{
    Task<int> Add(int number);

    Task<string> Describe();

    Task Clear();

    Task Reread();

    Task ChangeWithoutWriting();

    Task WriteTheOther();

    Task End();
}

public sealed class CounterGrain(
    [PersistentState("counter")] IPersistentState<CounterState> state,
    [PersistentState("counter")] IPersistentState<CounterState> other,
    Signals signals) : Grain, ICounterGrain
{
    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        signals.Note($"deactivated: {reason.ReasonCode}");
        return Task.CompletedTask;
    }

    public async Task<int> Add(int number)
    {
        state.State.Value += number;
        state.State.Parts[$"{number}"] = number;
        await state.WriteStateAsync();
        return state.State.Value;
    }

    public Task<string> Describe() => Task.FromResult(
        $"{state.State.Value} {state.State.Parts.Count} {(state.RecordExists ? "exists" : "new")} {(state.Etag is null ? "no etag" : "etag")}");

    public Task Clear() => state.ClearStateAsync();

    public Task Reread() => state.ReadStateAsync();

    public Task ChangeWithoutWriting()
    {
        state.State.Value = 1000;
        state.State.Parts["unwritten"] = 1;
        return Task.CompletedTask;
    }

    public Task WriteTheOther() => other.WriteStateAsync();

    public Task End()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}

public interface IFiledGrain : IGrainWithStringKey
{
    Task<int> Add(int number);
}

public sealed class FiledGrain([PersistentState("balance", "files")] IPersistentState<CounterState> state) : Grain, IFiledGrain
{
    public async Task<int> Add(int number)
    {
        state.State.Value += number;
        await state.WriteStateAsync();
        return state.State.Value;
    }
}

/// <summary>A storage provider of the application's own, as the product has one for files.</summary>
public sealed class OwnStorage : IGrainStorage
{
    public ConcurrentQueue<string> Calls { get; } = new();

    public bool Broken { get; set; }

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Calls.Enqueue($"read {stateName} of {grainId}");
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        Calls.Enqueue($"write {stateName} of {grainId}");
        grainState.ETag = $"{Calls.Count}";
        grainState.RecordExists = true;
        return Broken ? throw new IOException("disk full") : Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) => Task.CompletedTask;
}

public sealed class StorageTests
{
    [Fact]
    public async Task State_outlives_the_activation()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<ICounterGrain>("g");
        (await grain.Describe()).ShouldBe("0 0 new no etag");
        (await grain.Add(3)).ShouldBe(3);
        (await grain.Describe()).ShouldBe("3 1 exists etag");
        await grain.End();
        await engine.Signals.NotedAsync("deactivated: ApplicationRequested");
        (await grain.Describe()).ShouldBe("3 1 exists etag");
        (await grain.Add(4)).ShouldBe(7);
    }

    [Fact]
    public async Task What_is_not_written_is_not_stored()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<ICounterGrain>("g");
        _ = await grain.Add(3);
        await grain.ChangeWithoutWriting();
        await grain.Reread();
        (await grain.Describe()).ShouldBe("3 1 exists etag");
    }

    [Fact]
    public async Task Cleared_state_is_new_again()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<ICounterGrain>("g");
        _ = await grain.Add(3);
        await grain.Clear();
        (await grain.Describe()).ShouldStartWith("0 0 new");
        (await grain.Add(1)).ShouldBe(1);
    }

    [Fact]
    public async Task A_write_with_an_old_version_fails_and_ends_the_activation()
    {
        await using var engine = await EngineHost.StartAsync();
        var grain = engine.Client.GetGrain<ICounterGrain>("g");
        (await grain.Add(3)).ShouldBe(3);
        _ = await Should.ThrowAsync<InconsistentStateException>(() => grain.WriteTheOther());
        await engine.Signals.NotedAsync("deactivated: ApplicationError");
        (await grain.Describe()).ShouldBe("3 1 exists etag");
    }

    [Fact]
    public async Task States_of_grains_are_apart()
    {
        await using var engine = await EngineHost.StartAsync();
        _ = await engine.Client.GetGrain<ICounterGrain>("a").Add(3);
        (await engine.Client.GetGrain<ICounterGrain>("b").Describe()).ShouldBe("0 0 new no etag");
    }

    [Fact]
    public async Task An_application_can_bring_its_own_storage()
    {
        var storage = new OwnStorage();
        await using var engine = await EngineHost.StartAsync(silo => silo.Services.AddGrainStorage("files", (_, _) => storage));
        (await engine.Client.GetGrain<IFiledGrain>("g").Add(3)).ShouldBe(3);
        storage.Calls.ShouldBe(["read balance of filed/g", "write balance of filed/g"]);
    }

    [Fact]
    public async Task Own_storage_can_be_registered_as_a_keyed_service_too()
    {
        var storage = new OwnStorage();
        await using var engine = await EngineHost.StartAsync(silo => silo.Services.AddKeyedSingleton<IGrainStorage>("files", storage));
        (await engine.Client.GetGrain<IFiledGrain>("g").Add(3)).ShouldBe(3);
        storage.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task An_exception_of_a_storage_comes_as_an_OrleansException()
    {
        var storage = new OwnStorage { Broken = true };
        await using var engine = await EngineHost.StartAsync(silo => silo.Services.AddGrainStorage("files", (_, _) => storage));
        var thrown = await Should.ThrowAsync<OrleansException>(() => engine.Client.GetGrain<IFiledGrain>("g").Add(3));
        thrown.ToString().ShouldContain("disk full");
    }

    [Fact]
    public async Task A_storage_that_is_not_there_fails_the_call()
    {
        await using var engine = await EngineHost.StartAsync();
        var thrown = await Should.ThrowAsync<Exception>(() => engine.Client.GetGrain<IFiledGrain>("g").Add(3));
        thrown.ToString().ShouldContain("files");
    }
}
