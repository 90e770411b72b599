using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Admission.Capacity;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Storage;

namespace Admission.Grains.Storage;

/// <summary>
/// The state of capacity grains in local files, one for each backend and named after it: written beside, flushed to the disk, and renamed over the old one, so a crash leaves one of the two whole.
/// </summary>
/// <remarks>The ETag is a number in the file that grows with each write. One process at a time: <see cref="DataFolder"/> sees to that.</remarks>
internal sealed class FileGrainStorage(DataFolder folder) : IGrainStorage, IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true };

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _locks = new(StringComparer.Ordinal);
    private volatile bool _disposed;

    public async Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        var gate = await EnterAsync(path);
        try
        {
            if (await LoadAsync<T>(path) is { } found)
            {
                grainState.State = found.State;
                grainState.ETag = found.Version.ToString(CultureInfo.InvariantCulture);
                grainState.RecordExists = true;
            }
            else
            {
                grainState.State = Activator.CreateInstance<T>();
                grainState.ETag = null!;
                grainState.RecordExists = false;
            }
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        var gate = await EnterAsync(path);
        try
        {
            var version = await CheckAsync<T>(path, grainState) + 1;
            var draft = path + ".new";
            await using (var stream = new FileStream(draft, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                await JsonSerializer.SerializeAsync(stream, new Document<T>(version, grainState.State), Json);
                stream.Flush(flushToDisk: true);
            }

            File.Move(draft, path, overwrite: true);
            grainState.ETag = version.ToString(CultureInfo.InvariantCulture);
            grainState.RecordExists = true;
        }
        finally
        {
            gate.Release();
        }
    }

    public async Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var path = PathOf(stateName, grainId);
        var gate = await EnterAsync(path);
        try
        {
            _ = await CheckAsync<T>(path, grainState);
            File.Delete(path);
            grainState.State = Activator.CreateInstance<T>();
            grainState.ETag = null!;
            grainState.RecordExists = false;
        }
        finally
        {
            gate.Release();
        }
    }

    private static async Task<long> CheckAsync<T>(string path, IGrainState<T> grainState)
    {
        var found = await LoadAsync<T>(path);
        var stored = found?.Version.ToString(CultureInfo.InvariantCulture);
        if (stored != grainState.ETag)
        {
            throw new InconsistentStateException($"The record '{path}' has version {stored ?? "none"}, but {grainState.ETag ?? "none"} was expected.");
        }

        return found?.Version ?? 0;
    }

    private static async Task<Document<T>?> LoadAsync<T>(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        await using var stream = File.OpenRead(path);
        try
        {
            return await JsonSerializer.DeserializeAsync<Document<T>>(stream, Json);
        }
        catch (JsonException exception)
        {
            throw new InvalidDataException(
                $"The record '{path}' cannot be read: {exception.Message} Restore it from a copy; or delete it once no request of the former process "
                + "can still be running in the backend, because who held permits is forgotten with it.",
                exception);
        }
    }

    /// <summary>Lets what is being written end, and nothing begin: the folder's lock goes next, and whoever has it then is alone.</summary>
    public async ValueTask DisposeAsync()
    {
        _disposed = true;
        foreach (var gate in _locks.Values)
        {
            await gate.WaitAsync();
            gate.Release();
        }
    }

    private async Task<SemaphoreSlim> EnterAsync(string path)
    {
        var gate = _locks.GetOrAdd(path, static _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync();
        if (_disposed)
        {
            gate.Release();
            throw new ObjectDisposedException(nameof(FileGrainStorage), "The state's folder has been given up; nothing more is written there.");
        }

        return gate;
    }

    private string PathOf(string stateName, GrainId grainId)
    {
        var directory = Path.Combine(folder.Path, stateName);
        Directory.CreateDirectory(directory);
        return Path.Combine(directory, Uri.EscapeDataString(CapacityGrainKey.BackendOf(grainId.Key.ToString()!)) + ".json");
    }

    private sealed record Document<T>(long Version, T State);
}

internal static class FileGrainStorageExtensions
{
    public static IServiceCollection AddFileGrainStorage(this IServiceCollection services, string name) =>
        services.AddKeyedSingleton<IGrainStorage>(name, (provider, _) => new FileGrainStorage(provider.GetRequiredService<DataFolder>()));
}
