namespace Admission.Jobs.Running;

/// <summary>Whether results cannot be recorded at present, so that the log says so once, however many jobs wait for it. Thread-safe.</summary>
internal sealed class StoreOutage
{
    private int _isAway;

    /// <summary>The store could not be asked.</summary>
    /// <returns>Whether that is news.</returns>
    public bool Begin() => Interlocked.Exchange(ref _isAway, 1) == 0;

    /// <summary>The store has answered.</summary>
    public void End() => Volatile.Write(ref _isAway, 0);
}
