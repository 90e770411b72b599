using Admission.Dashboard.Feed;
using Microsoft.AspNetCore.Components;

namespace Admission.Dashboard.Components.Live;

/// <summary>A component that shows the newest of what the feed tells, as long as it is on a screen.</summary>
/// <remarks>
/// The feed calls on threads of the pool; everything here but <see cref="Take"/> runs in the circuit's own turns. While a viewer's browser is behind, what came meanwhile is dropped and only the newest is shown.
/// </remarks>
/// <typeparam name="T">What is shown.</typeparam>
public abstract class LiveComponent<T> : ComponentBase, IDisposable
    where T : class
{
    private IDisposable? _watch;
    private T? _newest;
    private bool _ended;

    /// <summary>What is shown; null before there is anything.</summary>
    protected T? Current { get; private set; }

    /// <summary>There are as many viewers as the feed serves, so this one is shown nothing.</summary>
    protected bool IsTurnedAway { get; private set; }

    /// <summary>The feed.</summary>
    [Inject]
    protected IDashboardFeed Feed { get; private set; } = null!;

    /// <summary>The clock.</summary>
    [Inject]
    protected TimeProvider Time { get; private set; } = null!;

    /// <summary>The time now.</summary>
    protected DateTimeOffset Now => Time.GetUtcNow();

    /// <summary>Watches.</summary>
    /// <param name="next">Takes what is new.</param>
    /// <returns>Ends it; null if there are too many viewers.</returns>
    protected abstract IDisposable? Watch(Action<T> next);

    /// <summary>Something new is to be shown.</summary>
    /// <param name="next">The new.</param>
    protected virtual void Show(T next)
    {
    }

    /// <summary>Ends what is watched and begins anew: what is to be watched has changed.</summary>
    protected void WatchAnew()
    {
        _watch?.Dispose();
        Current = null;
        Interlocked.Exchange(ref _newest, null);
        _watch = Watch(Take);
        IsTurnedAway = _watch is null;
    }

    /// <inheritdoc />
    protected override void OnAfterRender(bool firstRender)
    {
        // Not before: a page that is only rendered for its first sight watches nothing.
        if (firstRender)
        {
            WatchAnew();
            StateHasChanged();
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends the watch.</summary>
    /// <param name="disposing">Always.</param>
    protected virtual void Dispose(bool disposing)
    {
        _ended = true;
        _watch?.Dispose();
    }

    private void Take(T next)
    {
        if (Interlocked.Exchange(ref _newest, next) is null)
        {
            _ = InvokeAsync(ShowNewest);
        }
    }

    private void ShowNewest()
    {
        if (Interlocked.Exchange(ref _newest, null) is { } newest && !_ended)
        {
            Current = newest;
            Show(newest);
            StateHasChanged();
        }
    }
}
