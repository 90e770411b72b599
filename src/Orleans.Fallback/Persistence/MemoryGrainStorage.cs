using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Fallback.Persistence;

/// <summary>Storage in the memory of the process. States are kept as JSON, so that what is stored is apart from what the grain has.</summary>
internal sealed class MemoryGrainStorage : IGrainStorage
{
    private static readonly JsonSerializerOptions Json = new() { IncludeFields = true };

    private readonly ConcurrentDictionary<(string Name, GrainId Grain), Stored> _states = new();
    private long _lastVersion;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var stored = _states.GetValueOrDefault((stateName, grainId));
        grainState.State = stored is null ? Activator.CreateInstance<T>() : JsonSerializer.Deserialize<T>(stored.Content, Json)!;
        grainState.ETag = stored?.Version!;
        grainState.RecordExists = stored is not null;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var content = JsonSerializer.SerializeToUtf8Bytes(grainState.State, Json);
        var written = new Stored(content, Interlocked.Increment(ref _lastVersion).ToString(CultureInfo.InvariantCulture));
        lock (_states)
        {
            Check(stateName, grainId, grainState.ETag);
            _states[(stateName, grainId)] = written;
        }

        grainState.ETag = written.Version;
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        lock (_states)
        {
            Check(stateName, grainId, grainState.ETag);
            _ = _states.TryRemove((stateName, grainId), out _);
        }

        grainState.State = Activator.CreateInstance<T>();
        grainState.ETag = null!;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private void Check(string stateName, GrainId grainId, string? version)
    {
        var stored = _states.GetValueOrDefault((stateName, grainId))?.Version;
        if (stored != version)
        {
            throw new InconsistentStateException(
                $"The state '{stateName}' of {grainId} has version {stored ?? "none"} in storage and not {version ?? "none"}.", stored, version);
        }
    }

    private sealed record Stored(byte[] Content, string Version);
}
