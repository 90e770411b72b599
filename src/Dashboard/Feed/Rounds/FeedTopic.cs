namespace Admission.Dashboard.Feed.Rounds;

/// <summary>One thing that is watched: a round finds it out, as long as there is a watcher, and tells all of them.</summary>
/// <remarks>
/// <see cref="_gate"/> guards the watchers and which loop is the present one. There is one loop at most at work: a new one waits for the end of the one before it. A round is never begun sooner than a period after the
/// last, also when somebody leaves and comes again; and after a long one there is a pause of a quarter of it, so that what is too much becomes slower and nothing else.
/// </remarks>
/// <typeparam name="T">What is told.</typeparam>
/// <param name="period">From the beginning of a round to the next.</param>
/// <param name="round">Finds it out.</param>
/// <param name="places">Bounds the viewers.</param>
/// <param name="time">The clock.</param>
/// <param name="failed">Is told of a round, or a watcher, that throws: a bug, that must not end the others.</param>
internal sealed class FeedTopic<T>(TimeSpan period, Func<CancellationToken, Task<T>> round, FeedPlaces places, TimeProvider time, Action<Exception> failed)
    where T : class
{
    /// <summary>What was told last is no news to a new viewer after so many periods.</summary>
    private const int PeriodsFresh = 3;

    private const int PauseShare = 4;

    private readonly Lock _gate = new();
    private Watcher[] _watchers = [];
    private CancellationTokenSource? _stop;
    private Task _loop = Task.CompletedTask;
    private (T Value, long Number, long At)? _last;
    private long? _began;
    private long _numbers;

    /// <summary>Whether nobody watches.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _watchers.Length == 0;
            }
        }
    }

    /// <summary>The loop at work, or the last one.</summary>
    public Task Loop
    {
        get
        {
            lock (_gate)
            {
                return _loop;
            }
        }
    }

    /// <summary>Adds a watcher, and tells it what is known.</summary>
    /// <returns>Ends it; null if there is no place.</returns>
    public IDisposable? Watch(Action<T> next)
    {
        var watcher = Add(next);
        TellKnown(watcher);
        return watcher;
    }

    /// <summary>Adds a watcher, and tells it nothing yet: for callers that hold a lock.</summary>
    /// <returns>Ends it; null if there is no place.</returns>
    public Watcher? Add(Action<T> next)
    {
        ArgumentNullException.ThrowIfNull(next);
        if (!places.TryTake())
        {
            return null;
        }

        var watcher = new Watcher(this, next);
        lock (_gate)
        {
            _watchers = [.. _watchers, watcher];
            if (_stop is null)
            {
                _stop = new CancellationTokenSource();
                _loop = RunAsync(_loop, _stop);
            }
        }

        return watcher;
    }

    /// <summary>Tells a new watcher what is known, unless that is old.</summary>
    public void TellKnown(Watcher? watcher)
    {
        (T Value, long Number, long At)? known;
        lock (_gate)
        {
            known = _last is { } last && time.GetElapsedTime(last.At) < PeriodsFresh * period ? last : null;
        }

        if (watcher is not null && known is { } fresh)
        {
            Tell(watcher, fresh.Value, fresh.Number);
        }
    }

    private void Leave(Watcher watcher)
    {
        lock (_gate)
        {
            _watchers = [.. _watchers.Where(each => !ReferenceEquals(each, watcher))];
            if (_watchers.Length == 0)
            {
                _stop?.Cancel();
                _stop = null;
            }
        }

        places.GiveBack();
    }

    private async Task RunAsync(Task former, CancellationTokenSource stop)
    {
        await former;
        await Task.Yield();
        using (stop)
        {
            if (_began is { } last)
            {
                await PauseAsync(period - time.GetElapsedTime(last), stop.Token);
            }

            while (!stop.IsCancellationRequested)
            {
                var began = time.GetTimestamp();
                _began = began;
                try
                {
                    Publish(await round(stop.Token));
                }
                catch (OperationCanceledException) when (stop.IsCancellationRequested)
                {
                    break;
                }
                catch (Exception exception)
                {
                    failed(exception);
                }

                var took = time.GetElapsedTime(began);
                var rest = period - took;
                await PauseAsync(rest > took / PauseShare ? rest : took / PauseShare, stop.Token);
            }
        }
    }

    private async Task PauseAsync(TimeSpan pause, CancellationToken stop)
    {
        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Publish(T value)
    {
        Watcher[] watchers;
        long number;
        lock (_gate)
        {
            number = ++_numbers;
            _last = (value, number, time.GetTimestamp());
            watchers = _watchers;
        }

        foreach (var watcher in watchers)
        {
            Tell(watcher, value, number);
        }
    }

    private void Tell(Watcher watcher, T value, long number)
    {
        try
        {
            watcher.Tell(value, number);
        }
        catch (Exception exception)
        {
            failed(exception);
        }
    }

    /// <summary>One that watches; disposing it ends that.</summary>
    internal sealed class Watcher(FeedTopic<T> topic, Action<T> next) : IDisposable
    {
        private readonly Lock _telling = new();
        private long _seen;
        private int _left;

        /// <summary>Tells it what is newer than what it has seen, one at a time.</summary>
        public void Tell(T value, long number)
        {
            lock (_telling)
            {
                if (number > _seen && Volatile.Read(ref _left) == 0)
                {
                    _seen = number;
                    next(value);
                }
            }
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                topic.Leave(this);
            }
        }
    }
}
