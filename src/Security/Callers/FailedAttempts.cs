namespace Admission.Security.Callers;

/// <summary>Counts wrong keys by address, and closes an address that has sent too many.</summary>
/// <remarks>
/// The first wrong key opens a window; the last one that is allowed in it closes the address for the length of a window, for right keys too, because else a guess would still be answered. Addresses are those of
/// <see cref="ClientAddress"/>. There is room for <see cref="Room"/> of them; beyond it the oldest is forgotten, so that a stranger with many addresses costs a bounded amount of memory. One lock, never held
/// over an await.
/// </remarks>
internal sealed class FailedAttempts(TimeProvider time)
{
    /// <summary>Addresses that are kept.</summary>
    public const int Room = 10_000;

    private readonly Dictionary<string, Window> _windows = new(StringComparer.Ordinal);
    private readonly Queue<(string Address, long Since)> _order = new();
    private readonly Lock _lock = new();

    /// <summary>Addresses that are kept now.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _windows.Count;
            }
        }
    }

    /// <summary>How long the address stays closed; null for one that is not.</summary>
    /// <param name="address">The address.</param>
    /// <param name="window">How long an address is closed.</param>
    public TimeSpan? Closed(string address, TimeSpan window)
    {
        lock (_lock)
        {
            return _windows.TryGetValue(address, out var own) && own.IsClosed && Left(own.Since, window) is var left && left > TimeSpan.Zero ? left : null;
        }
    }

    /// <summary>Counts a wrong key.</summary>
    /// <param name="address">From where.</param>
    /// <param name="most">So many close it.</param>
    /// <param name="window">How long they count.</param>
    /// <returns>How long the address is closed now; null if it is not.</returns>
    public TimeSpan? Add(string address, int most, TimeSpan window)
    {
        lock (_lock)
        {
            Forget(window);
            var known = _windows.TryGetValue(address, out var own) && Left(own.Since, window) > TimeSpan.Zero;
            if (known && own.IsClosed)
            {
                return Left(own.Since, window);
            }

            var count = known ? own.Count + 1 : 1;
            var isClosed = count >= most;
            var since = known && !isClosed ? own.Since : time.GetTimestamp();
            if (!known || since != own.Since)
            {
                _order.Enqueue((address, since));
            }

            _windows[address] = new Window(since, count, isClosed);
            return isClosed ? window : null;
        }
    }

    // What is over, and the oldest where there is no room. An entry of the queue that is not the address's present window was replaced.
    private void Forget(TimeSpan window)
    {
        while (_order.TryPeek(out var oldest)
            && (_windows.Count >= Room || _order.Count >= 2 * Room || Left(oldest.Since, window) <= TimeSpan.Zero))
        {
            _order.Dequeue();
            if (_windows.TryGetValue(oldest.Address, out var own) && own.Since == oldest.Since)
            {
                _windows.Remove(oldest.Address);
            }
        }
    }

    private TimeSpan Left(long since, TimeSpan window) => window - time.GetElapsedTime(since);

    private readonly record struct Window(long Since, int Count, bool IsClosed);
}
