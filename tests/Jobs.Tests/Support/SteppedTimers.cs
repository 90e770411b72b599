namespace Admission.Jobs.Tests.Support;

/// <summary>Timers that fire when a test says so, by the time for which they were set.</summary>
internal sealed class SteppedTimers : TimeProvider
{
    private readonly List<Stepped> _timers = [];

    /// <summary>Fires those that were set for this time.</summary>
    public void Fire(TimeSpan due)
    {
        foreach (var timer in _timers.Where(timer => timer.Due == due).ToArray())
        {
            timer.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Stepped(callback, state) { Due = dueTime };
        _timers.Add(timer);
        return timer;
    }

    private sealed class Stepped(TimerCallback callback, object? state) : ITimer
    {
        public TimeSpan? Due { get; set; }

        public void Fire()
        {
            Due = null;
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime;
            return true;
        }

        public void Dispose() => Due = null;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
