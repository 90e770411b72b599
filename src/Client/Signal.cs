namespace Admission.Client;

/// <summary>Wakes one waiter. Set while nobody waits, it wakes the next one at once; set twice, it wakes once.</summary>
/// <remarks>
/// The waiter goes on within <see cref="Set"/>, until it next waits: a permit that comes back is on its way to the ledger before its request's thread does anything else, where a turn through the
/// thread pool would take longer than all the rest (0.1 ms and more on a machine with nothing else to do). So it is set outside all locks.
/// </remarks>
internal sealed class Signal
{
    private readonly Lock _lock = new();
    private TaskCompletionSource? _waiter;
    private bool _set;

    public void Set()
    {
        TaskCompletionSource? waiter;
        lock (_lock)
        {
            waiter = _waiter;
            _waiter = null;
            _set = waiter is null;
        }

        waiter?.SetResult();
    }

    public Task WaitAsync()
    {
        lock (_lock)
        {
            if (_set)
            {
                _set = false;
                return Task.CompletedTask;
            }

            _waiter = new TaskCompletionSource();
            return _waiter.Task;
        }
    }
}
