using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Orleans.Fallback.Membership;

/// <summary>
/// Looks at the membership table, keeps what it saw last, and says in the log when the table cannot be reached, and when it can be again.
/// </summary>
/// <remarks>Looks happen one after the other, so a later one never shows something older, and handlers get the views in their order.</remarks>
internal sealed partial class TableReader(IMemberTable table, TimeProvider time, ILogger log)
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopped = new();
    private ImmutableArray<Action<ClusterView>> _handlers = [];
    private ImmutableArray<Action<TableSnapshot>> _listeners = [];
    private Task<bool> _running = Task.FromResult(true);
    private Task<bool>? _queued;
    private volatile ClusterView _current = ClusterView.Empty;
    private volatile TableSnapshot? _latest;
    private long? _reached;
    private long? _missedSince;

    /// <summary>What was seen last; null before the first time.</summary>
    public TableSnapshot? Latest => _latest;

    /// <inheritdoc cref="IClusterMembership.Current"/>
    public ClusterView Current => _current;

    /// <inheritdoc cref="IClusterMembership.TableAge"/>
    public TimeSpan TableAge
    {
        get
        {
            lock (_gate)
            {
                return _reached is { } moment ? time.GetElapsedTime(moment) : TimeSpan.MaxValue;
            }
        }
    }

    /// <summary>Whether the last attempt failed.</summary>
    public bool IsMissing
    {
        get
        {
            lock (_gate)
            {
                return _missedSince is not null;
            }
        }
    }

    /// <inheritdoc cref="IClusterMembership.OnChange"/>
    public void OnChange(Action<ClusterView> handler)
    {
        lock (_gate)
        {
            _handlers = _handlers.Add(handler);
        }
    }

    /// <summary>Calls a handler after each look, whether or not the version has changed.</summary>
    public void OnLook(Action<TableSnapshot> listener)
    {
        lock (_gate)
        {
            _listeners = _listeners.Add(listener);
        }
    }

    /// <summary>Looks at the table. A call that comes during a look shares the next one, which begins after the call.</summary>
    /// <returns>Whether the table was reached. It never fails.</returns>
    public Task<bool> LookAsync()
    {
        lock (_gate)
        {
            if (_queued is not null)
            {
                return _queued;
            }

            return _running.IsCompleted ? _running = ReadAsync() : _queued = ReadAfterAsync(_running);
        }
    }

    /// <summary>Another operation has reached the table.</summary>
    public void Reached()
    {
        long? since;
        lock (_gate)
        {
            _reached = time.GetTimestamp();
            since = _missedSince;
            _missedSince = null;
        }

        if (since is { } moment)
        {
            LogReachedAgain(time.GetElapsedTime(moment));
        }
    }

    /// <summary>Another operation has not reached the table.</summary>
    public void Missed(Exception why)
    {
        if (_stopped.IsCancellationRequested)
        {
            return;
        }

        lock (_gate)
        {
            if (_missedSince is not null)
            {
                return;
            }

            _missedSince = time.GetTimestamp();
        }

        LogMissed(why.GetBaseException().Message);
    }

    /// <summary>Looks no more; what was seen stays.</summary>
    public Task StopAsync() => _stopped.CancelAsync();

    private async Task<bool> ReadAfterAsync(Task<bool> former)
    {
        // Whatever came of the former look, this one takes its place, and the next can be asked for.
        await ((Task)former).ConfigureAwait(ConfigureAwaitOptions.ForceYielding | ConfigureAwaitOptions.SuppressThrowing);
        lock (_gate)
        {
            _running = _queued!;
            _queued = null;
        }

        return await ReadAsync();
    }

    private async Task<bool> ReadAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        if (_stopped.IsCancellationRequested)
        {
            return false;
        }

        TableSnapshot snapshot;
        try
        {
            snapshot = await table.ReadAsync(_stopped.Token);
        }
        catch (Exception exception)
        {
            // Whatever it is, the view stays; the log tells it once.
            Missed(exception);
            return false;
        }

        Reached();
        Publish(snapshot);
        return true;
    }

    private void Publish(TableSnapshot snapshot)
    {
        ImmutableArray<Action<ClusterView>> handlers;
        ImmutableArray<Action<TableSnapshot>> listeners;
        ClusterView? changed = null;
        lock (_gate)
        {
            if (_latest is { } known && snapshot.Version < known.Version)
            {
                LogOlder(snapshot.Version, known.Version);
            }

            _latest = snapshot;
            if (snapshot.Version != _current.Version)
            {
                // Also a lower one: looks happen one after the other, so it is newer, of a table that was made anew.
                _current = changed = snapshot.ToView();
            }

            (handlers, listeners) = (_handlers, _listeners);
        }

        foreach (var listener in listeners)
        {
            Call(listener, snapshot);
        }

        foreach (var handler in changed is null ? [] : handlers)
        {
            Call(handler, changed!);
        }
    }

    // One handler that fails must not keep the view from the others, nor end the looks.
    private void Call<T>(Action<T> handler, T seen)
    {
        try
        {
            handler(seen);
        }
        catch (Exception exception)
        {
            LogHandlerFailed(exception);
        }
    }

    [LoggerMessage(9301, LogLevel.Warning, "The membership table cannot be reached: {Reason}. The view of the cluster stays as it is until it can")]
    private partial void LogMissed(string reason);

    [LoggerMessage(9302, LogLevel.Information, "The membership table is reached again after {Duration}")]
    private partial void LogReachedAgain(TimeSpan duration);

    [LoggerMessage(9303, LogLevel.Error,
        "The membership table has version {Version} after {Known}: it was emptied or replaced under a running cluster")]
    private partial void LogOlder(int version, long known);

    [LoggerMessage(9304, LogLevel.Error, "A part of this process failed when the view of the cluster changed; the others have been told")]
    private partial void LogHandlerFailed(Exception exception);
}
