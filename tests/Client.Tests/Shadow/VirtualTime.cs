namespace Admission.Client.Tests;

/// <summary>A clock that moves from one timer to the next, and runs them on the caller's thread.</summary>
internal sealed class VirtualTime : TimeProvider
{
    private readonly PriorityQueue<(Alarm Alarm, long Version), (long Due, long Order)> _alarms = new();
    private long _now;
    private long _order;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>Timers that are set.</summary>
    public int Armed { get; private set; }

    public TimeSpan Now => TimeSpan.FromTicks(_now);

    public override long GetTimestamp() => _now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        period.ShouldBe(Timeout.InfiniteTimeSpan, "Nobody here repeats.");
        var alarm = new Alarm(this, callback, state);
        alarm.Change(dueTime, period);
        return alarm;
    }

    /// <summary>Does something at an instant.</summary>
    public void At(TimeSpan when, Action what) => CreateTimer(static what => ((Action)what!)(), what, when - Now, Timeout.InfiniteTimeSpan);

    /// <summary>Lets time pass up to an instant.</summary>
    public void RunTo(TimeSpan end)
    {
        while (_alarms.TryPeek(out var next, out var place) && place.Due <= end.Ticks)
        {
            _alarms.Dequeue();
            if (next.Alarm.TryFire(next.Version))
            {
                Armed--;
                _now = Math.Max(_now, place.Due);
                next.Alarm.Call();
            }
        }

        _now = end.Ticks;
    }

    private sealed class Alarm(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        private long _version;
        private bool _isSet;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            time.Armed -= _isSet ? 1 : 0;
            _version++;
            _isSet = dueTime != Timeout.InfiniteTimeSpan;
            if (_isSet)
            {
                time.Armed++;
                time._alarms.Enqueue((this, _version), (time._now + Math.Max(0, dueTime.Ticks), ++time._order));
            }

            return true;
        }

        public bool TryFire(long version)
        {
            var fires = _isSet && version == _version;
            _isSet &= !fires;
            return fires;
        }

        public void Call() => callback(state);

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
