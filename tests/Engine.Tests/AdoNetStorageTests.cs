using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Orleans;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime;
using Orleans.Storage;

namespace Admission.Engine.Tests;

/// <summary>Grain storage in PostgreSQL, through the interface that every storage provider has.</summary>
[Collection(PostgresCollection.Name)]
public sealed class AdoNetStorageTests(PostgresFixture postgres)
{
    private const string Name = "database";

    private static readonly GrainId Grain = GrainId.Create("counter", "one");

    [SkippableFact]
    public async Task A_state_that_was_never_written_is_new()
    {
        await using var engine = await StartAsync();
        var state = await ReadAsync(Of(engine), Grain);
        (state.RecordExists, state.ETag, state.State.Value).ShouldBe((false, null, 0));
    }

    [SkippableFact]
    public async Task What_was_written_is_read_with_its_version()
    {
        await using var engine = await StartAsync();
        var written = State(7);
        written.State.Parts["x"] = 3;
        await Of(engine).WriteStateAsync("counter", Grain, written);
        var read = await ReadAsync(Of(engine), Grain);
        (read.RecordExists, read.ETag, read.State.Value, read.State.Parts["x"]).ShouldBe((true, written.ETag, 7, 3));
    }

    [SkippableFact]
    public async Task Every_write_has_a_new_version()
    {
        await using var engine = await StartAsync();
        var state = State(1);
        var versions = new HashSet<string>();
        for (var i = 0; i < 5; i++)
        {
            await Of(engine).WriteStateAsync("counter", Grain, state);
            versions.Add(state.ETag).ShouldBeTrue();
        }
    }

    [SkippableFact]
    public async Task A_write_that_follows_an_old_version_fails_and_changes_nothing()
    {
        await using var engine = await StartAsync();
        var first = State(1);
        await Of(engine).WriteStateAsync("counter", Grain, first);
        var second = await ReadAsync(Of(engine), Grain);
        await Of(engine).WriteStateAsync("counter", Grain, first);
        var conflict = await Should.ThrowAsync<InconsistentStateException>(() => Of(engine).WriteStateAsync("counter", Grain, second));
        conflict.StoredEtag.ShouldBe(first.ETag);
        conflict.CurrentEtag.ShouldBe(second.ETag);
        (await ReadAsync(Of(engine), Grain)).ETag.ShouldBe(first.ETag);
    }

    [SkippableFact]
    public async Task Of_many_first_writers_one_succeeds()
    {
        await using var engine = await StartAsync();
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => TryWriteAsync(Of(engine), State(i))));
        outcomes.Count(succeeded => succeeded).ShouldBe(1);
    }

    [SkippableFact]
    public async Task Of_many_writers_that_follow_one_version_one_succeeds()
    {
        await using var engine = await StartAsync();
        await Of(engine).WriteStateAsync("counter", Grain, State(0));
        var states = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => ReadAsync(Of(engine), Grain)));
        var outcomes = await Task.WhenAll(states.Select(state => TryWriteAsync(Of(engine), state)));
        outcomes.Count(succeeded => succeeded).ShouldBe(1);
    }

    [SkippableFact]
    public async Task Cleared_state_is_new_and_a_write_from_before_cannot_bring_it_back()
    {
        await using var engine = await StartAsync();
        var state = State(7);
        await Of(engine).WriteStateAsync("counter", Grain, state);
        var late = await ReadAsync(Of(engine), Grain);
        await Of(engine).ClearStateAsync("counter", Grain, state);
        (state.RecordExists, state.State.Value).ShouldBe((false, 0));
        _ = await Should.ThrowAsync<InconsistentStateException>(() => Of(engine).WriteStateAsync("counter", Grain, late));
        _ = await Should.ThrowAsync<InconsistentStateException>(() => Of(engine).WriteStateAsync("counter", Grain, State(8)));
        state.State.Value = 9;
        await Of(engine).WriteStateAsync("counter", Grain, state);
        (await ReadAsync(Of(engine), Grain)).State.Value.ShouldBe(9);
    }

    [SkippableFact]
    public async Task Clearing_after_another_write_fails()
    {
        await using var engine = await StartAsync();
        var state = State(1);
        await Of(engine).WriteStateAsync("counter", Grain, state);
        var old = await ReadAsync(Of(engine), Grain);
        await Of(engine).WriteStateAsync("counter", Grain, state);
        _ = await Should.ThrowAsync<InconsistentStateException>(() => Of(engine).ClearStateAsync("counter", Grain, old));
        (await ReadAsync(Of(engine), Grain)).RecordExists.ShouldBeTrue();
    }

    [SkippableFact]
    public async Task A_large_state_is_stored_whole()
    {
        await using var engine = await StartAsync();
        var state = State(1);
        for (var i = 0; i < 100_000; i++)
        {
            state.State.Parts[$"part {i}"] = i;
        }

        await Of(engine).WriteStateAsync("counter", Grain, state);
        (await ReadAsync(Of(engine), Grain)).State.Parts.ShouldBe(state.State.Parts);
    }

    [SkippableFact]
    public async Task States_of_other_names_and_other_services_are_apart()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var one = await StartAsync(database, "service-1");
        await using var two = await StartAsync(database, "service-2");
        await Of(one).WriteStateAsync("counter", Grain, State(1));
        (await ReadAsync(Of(two), Grain)).RecordExists.ShouldBeFalse();
        await Of(two).WriteStateAsync("counter", Grain, State(2));
        var other = State(0);
        await Of(one).ReadStateAsync("other", Grain, other);
        other.RecordExists.ShouldBeFalse();
        (await ReadAsync(Of(one), Grain)).State.Value.ShouldBe(1);
    }

    [SkippableFact]
    public async Task A_grain_keeps_its_state_in_it()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using (var engine = await EngineHost.StartAsync(silo => silo.AddAdoNetGrainStorageAsDefault(options => Set(options, database))))
        {
            (await engine.Client.GetGrain<ICounterGrain>("g").Add(3)).ShouldBe(3);
        }

        await using (var engine = await EngineHost.StartAsync(silo => silo.AddAdoNetGrainStorageAsDefault(options => Set(options, database))))
        {
            (await engine.Client.GetGrain<ICounterGrain>("g").Add(4)).ShouldBe(7);
            await engine.Client.GetGrain<ICounterGrain>("g").Clear();
            (await engine.Client.GetGrain<ICounterGrain>("g").Describe()).ShouldStartWith("0 0 new");
        }
    }

    [SkippableFact]
    public async Task A_database_that_goes_away_fails_calls_and_serves_again_when_it_is_back()
    {
        Skip.IfNot(Admission.Testing.PostgresServer.IsInstalled, "PostgreSQL is not installed.");
        await using var server = await Admission.Testing.PostgresServer.StartAsync();
        await using var engine = await StartAsync(await server.CreateDatabaseAsync(Admission.Testing.PostgresServer.Schema), "service");
        var state = State(1);
        await Of(engine).WriteStateAsync("counter", Grain, state);
        await server.StopAsync();
        (await Should.ThrowAsync<Exception>(() => Of(engine).WriteStateAsync("counter", Grain, state).WaitAsync(TimeSpan.FromSeconds(20))))
            .ShouldNotBeOfType<InconsistentStateException>();
        await server.ResumeAsync();
        await Admission.Testing.Until.TrueAsync(
            async () => await TryAsync(() => Of(engine).WriteStateAsync("counter", Grain, state)), TimeSpan.FromSeconds(20), () => "It does not serve.");
    }

    [Fact]
    public async Task Another_kind_of_database_is_refused_at_start() =>
        (await Should.ThrowAsync<OrleansConfigurationException>(() => EngineHost.StartAsync(silo => silo.AddAdoNetGrainStorage(
            Name, options => options.ConnectionString = "Host=127.0.0.1")))).Message.ShouldContain(Name);

    private static GrainState<CounterState> State(int value) => new(new CounterState { Value = value });

    private static IGrainStorage Of(EngineHost engine) => engine.Host.Services.GetRequiredKeyedService<IGrainStorage>(Name);

    private static void Set(AdoNetGrainStorageOptions options, string database)
    {
        options.Invariant = "Npgsql";
        options.ConnectionString = database;
    }

    private static async Task<GrainState<CounterState>> ReadAsync(IGrainStorage storage, GrainId grain)
    {
        var state = State(-1);
        await storage.ReadStateAsync("counter", grain, state);
        return state;
    }

    private static async Task<bool> TryWriteAsync(IGrainStorage storage, GrainState<CounterState> state)
    {
        try
        {
            await storage.WriteStateAsync("counter", Grain, state);
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }

    private static async Task<bool> TryAsync(Func<Task> operation)
    {
        try
        {
            await operation();
            return true;
        }
        catch (Exception exception) when (exception is NpgsqlException or TimeoutException)
        {
            return false;
        }
    }

    private static Task<EngineHost> StartAsync(string database, string serviceId) => EngineHost.StartAsync(silo => silo
        .AddAdoNetGrainStorage(Name, options => Set(options, database))
        .Configure<ClusterOptions>(options => options.ServiceId = serviceId));

    private async Task<EngineHost> StartAsync() => await StartAsync(await postgres.CreateDatabaseAsync(), "service");
}
