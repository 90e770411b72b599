using Admission.Dashboard.Feed;

namespace Admission.Frontend.Api.Operating;

/// <summary>The overview for those who ask by HTTP: all of them are one viewer of the dashboard's feed, which goes on for some seconds after the last question.</summary>
/// <remarks>
/// So whoever asks every second has what is new each second, and costs the ledgers nothing beyond the first. <see cref="_gate"/> guards which viewing is the present one, and is never held while the feed is called,
/// because the feed calls back under a lock of its own.
/// </remarks>
internal sealed class OverviewDesk : IDisposable
{
    /// <summary>Longer than the pauses of those who look again and again.</summary>
    private static readonly TimeSpan Kept = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly IDashboardFeed _feed;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private Viewing? _viewing;
    private long _asked;

    public OverviewDesk(IDashboardFeed feed, TimeProvider time)
    {
        _feed = feed;
        _time = time;
        _timer = time.CreateTimer(static desk => ((OverviewDesk)desk!).LeaveIfIdle(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The newest overview.</summary>
    /// <param name="patience">How long a first one may take.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null if the feed has as many viewers as it takes.</returns>
    /// <exception cref="TimeoutException">It took longer.</exception>
    public async Task<Overview?> ReadAsync(TimeSpan patience, CancellationToken cancellation)
    {
        Viewing viewing;
        bool begins;
        lock (_gate)
        {
            _asked = _time.GetTimestamp();
            begins = _viewing is null;
            viewing = _viewing ??= new Viewing();
        }

        if (begins)
        {
            Begin(viewing);
        }

        return viewing.Latest ?? await viewing.First.WaitAsync(patience, _time, cancellation);
    }

    public void Dispose()
    {
        _timer.Dispose();
        Viewing? viewing;
        lock (_gate)
        {
            (viewing, _viewing) = (_viewing, null);
        }

        viewing?.End();
    }

    private void Begin(Viewing viewing)
    {
        if (_feed.WatchOverview(viewing.Take) is { } watch)
        {
            viewing.Begun(watch);
            _timer.Change(Kept, Timeout.InfiniteTimeSpan);
            return;
        }

        lock (_gate)
        {
            _viewing = null;
        }

        viewing.Refuse();
    }

    private void LeaveIfIdle()
    {
        Viewing? viewing;
        lock (_gate)
        {
            var left = Kept - _time.GetElapsedTime(_asked);
            if (left > TimeSpan.Zero)
            {
                _timer.Change(left, Timeout.InfiniteTimeSpan);
                return;
            }

            (viewing, _viewing) = (_viewing, null);
        }

        viewing?.End();
    }

    /// <summary>One time of looking.</summary>
    private sealed class Viewing
    {
        private readonly TaskCompletionSource<Overview?> _first = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private Overview? _latest;
        private IDisposable? _watch;

        public Overview? Latest => Volatile.Read(ref _latest);

        public Task<Overview?> First => _first.Task;

        public void Take(Overview overview)
        {
            Volatile.Write(ref _latest, overview);
            _first.TrySetResult(overview);
        }

        public void Begun(IDisposable watch) => _watch = watch;

        public void Refuse() => _first.TrySetResult(null);

        public void End() => _watch?.Dispose();
    }
}
