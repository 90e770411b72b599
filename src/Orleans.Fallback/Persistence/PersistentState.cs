using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;
using Orleans.Storage;

namespace Orleans.Fallback.Persistence;

/// <summary>A component that is read from storage before <c>OnActivateAsync</c>.</summary>
internal interface ILoadedBeforeActivation
{
    Task LoadAsync();
}

/// <summary>The storage that a state names.</summary>
internal static class GrainStorageLookup
{
    public static IGrainStorage Find(IServiceProvider services, string? name, GrainId grain) =>
        (string.IsNullOrEmpty(name) ? services.GetService<IGrainStorage>() : services.GetKeyedService<IGrainStorage>(name))
        ?? throw new InvalidOperationException(string.IsNullOrEmpty(name)
            ? $"No default storage provider found loading grain {grain}. Add one, for example with AddMemoryGrainStorageAsDefault()."
            : $"No storage provider named \"{name}\" found loading grain {grain}. Add one, for example with AddMemoryGrainStorage(\"{name}\").");
}

/// <summary>A state and its version.</summary>
internal sealed class PersistentState<TState>(IGrainStorage storage, string name, GrainId grain)
    : IPersistentState<TState>, ILoadedBeforeActivation
{
    private readonly GrainState<TState> _state = new(Create());

    public TState State
    {
        get => _state.State;
        set => _state.State = value;
    }

    public string? Etag => _state.ETag;

    public bool RecordExists => _state.RecordExists;

    public Task LoadAsync() => ReadStateAsync();

    public Task ReadStateAsync() => Guard("reading", storage.ReadStateAsync);

    public Task WriteStateAsync() => Guard("writing", storage.WriteStateAsync);

    public Task ClearStateAsync() => Guard("clearing", storage.ClearStateAsync);

    private static TState Create() => typeof(TState).IsValueType || typeof(TState).GetConstructor(Type.EmptyTypes) is not null
        ? System.Activator.CreateInstance<TState>()
        : throw new OrleansException($"{typeof(TState)} is the state of a grain and has no constructor without parameters.");

    /// <summary>Lets Orleans' own exceptions through and wraps others, so that callers need to catch one kind.</summary>
    private async Task Guard(string doing, Func<string, GrainId, IGrainState<TState>, Task> operation)
    {
        try
        {
            await operation(name, grain, _state);
        }
        catch (Exception exception) when (exception is not OrleansException)
        {
            throw new OrleansException(
                $"Error from storage provider {storage.GetType().Name}.{name} while {doing} the state of {grain}: {exception.Message}", exception);
        }
    }
}
