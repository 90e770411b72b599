using Orleans.Core;
using Orleans.Runtime;

namespace Orleans.TestKit.Storage;

/// <summary>The states of a grain under test, by name.</summary>
public sealed class StorageManager
{
    private readonly Dictionary<string, object> _storages = new(StringComparer.Ordinal);
    private readonly TestKitOptions _options;

    /// <summary>Creates one.</summary>
    public StorageManager(TestKitOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
    }

    /// <summary>The state of this name; it is made when it is not there.</summary>
    public IStorage<TState> GetStorage<TState>(string stateName) =>
        (IStorage<TState>)GetPersistentState(typeof(TState), stateName);

    /// <summary>How often the state of this name was read, written and cleared; null when there is none.</summary>
    public TestStorageStats? GetStorageStats(string stateName) => (_storages.GetValueOrDefault(stateName) as IStorageStats)?.Stats;

    internal object GetPersistentState(Type type, string name)
    {
        if (!_storages.TryGetValue(name, out var storage))
        {
            var made = _options.StorageFactory?.Invoke(type) ?? Activator.CreateInstance(typeof(TestStorage<>).MakeGenericType(type))!;
            storage = made.GetType().IsAssignableTo(typeof(IPersistentState<>).MakeGenericType(type))
                ? made
                : Activator.CreateInstance(typeof(WrappedStorage<>).MakeGenericType(type), made)!;
            _storages.Add(name, storage);
        }

        return storage;
    }

    internal IPersistentState<T> Add<T>(string name, IStorage<T> storage)
    {
        var state = storage as IPersistentState<T> ?? new WrappedStorage<T>(storage);
        _storages[name] = state;
        return state;
    }
}

/// <summary>Something that counts what is done to it.</summary>
public interface IStorageStats
{
    /// <summary>The counts.</summary>
    TestStorageStats Stats { get; }
}

/// <summary>How often a state was read, written and cleared.</summary>
public sealed class TestStorageStats
{
    /// <summary>Reads.</summary>
    public int Reads { get; internal set; }

    /// <summary>Writes.</summary>
    public int Writes { get; internal set; }

    /// <summary>Clears.</summary>
    public int Clears { get; internal set; }

    /// <summary>Starts counting anew.</summary>
    public void ResetCounts() => (Reads, Writes, Clears) = (0, 0, 0);
}

/// <summary>A state in memory, without versions.</summary>
internal sealed class TestStorage<TState>(TState state) : IStorageStats, IPersistentState<TState>
{
    public TestStorage()
        : this(Activator.CreateInstance<TState>())
    {
    }

    public TestStorageStats Stats { get; } = new();

    public string? Etag => "";

    public bool RecordExists { get; private set; }

    public TState State { get; set; } = state;

    public Task ReadStateAsync()
    {
        Stats.Reads++;
        return Task.CompletedTask;
    }

    public Task WriteStateAsync()
    {
        Stats.Writes++;
        RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync()
    {
        Stats.Clears++;
        RecordExists = false;
        State = Activator.CreateInstance<TState>();
        return Task.CompletedTask;
    }
}

/// <summary>A test's own storage as a state.</summary>
internal sealed class WrappedStorage<TState>(IStorage<TState> storage) : IPersistentState<TState>, IStorageStats
{
    public TestStorageStats Stats => (storage as IStorageStats)?.Stats!;

    public string? Etag => storage.Etag;

    public bool RecordExists => storage.RecordExists;

    public TState State
    {
        get => storage.State;
        set => storage.State = value;
    }

    public Task ReadStateAsync() => storage.ReadStateAsync();

    public Task WriteStateAsync() => storage.WriteStateAsync();

    public Task ClearStateAsync() => storage.ClearStateAsync();
}
