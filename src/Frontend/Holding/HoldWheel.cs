namespace Admission.Frontend.Holding;

/// <summary>Wakes thousands of connections in turn with one timer.</summary>
/// <remarks>
/// <para>
/// A hashed timing wheel (Varghese and Lauck, SOSP 1987, scheme 6): a ring of slots of <see cref="Step"/> each, in each a list of those who are due when the hand comes by; who is due in a later
/// round stays. To put one in and to take one out costs the same however many there are, and nothing is allocated for it. The timer runs while anybody is in the wheel.
/// </para>
/// <para>
/// <see cref="_gate"/> guards the lists. Those who are due are taken out under it and woken outside it, one after the other, by the one timer callback that runs at a time: it starts the timer anew when it is
/// done. Who is woken puts itself in again.
/// </para>
/// </remarks>
internal sealed partial class HoldWheel : IDisposable
{
    /// <summary>Nobody is woken too early, and nobody later than that unless the processors are busy.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromMilliseconds(50);

    private const int Slots = 1024;

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Entry?[] _slots = new Entry?[Slots];
    private readonly long _start;
    private readonly ITimer _timer;
    private long _hand;
    private int _count;
    private bool _runs;
    private bool _disposed;

    public HoldWheel(TimeProvider time, ILogger logger)
    {
        _time = time;
        _logger = logger;
        _start = time.GetTimestamp();
        _timer = time.CreateTimer(static wheel => ((HoldWheel)wheel!).Turn(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Who is in the wheel.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _count;
            }
        }
    }

    /// <summary>Wakes somebody once, after a time. Who was in the wheel before is put elsewhere.</summary>
    /// <param name="entry">Whom.</param>
    /// <param name="after">When, from now.</param>
    public void Put(Entry entry, TimeSpan after)
    {
        lock (_gate)
        {
            // Read in here: the hand could come by before it is linked, and it would wait a round more.
            var now = Now;
            Unlink(entry);
            if (_disposed)
            {
                return;
            }

            if (_count == 0)
            {
                // Nobody was there for whom the hand would have moved.
                _hand = now;
            }

            // Beyond the step that has begun, so that it is not too early.
            entry.Due = now + 1 + (long)Math.Ceiling(after / Step);
            Link(entry);
            if (!_runs)
            {
                _runs = true;
                _timer.Change(Step, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Does not wake somebody. It may be on the way at this very moment.</summary>
    public void Remove(Entry entry)
    {
        lock (_gate)
        {
            Unlink(entry);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _timer.Dispose();
    }

    private long Now => (long)(_time.GetElapsedTime(_start) / Step);

    private void Turn()
    {
        for (var due = TakeDue(); due is not null;)
        {
            var entry = due;
            due = entry.NextDue;
            entry.NextDue = null;
            try
            {
                entry.Wake();
            }
            catch (Exception failed)
            {
                // The others are to be woken, and the timer to be started anew.
                LogNotWoken(failed);
            }
        }

        lock (_gate)
        {
            _runs = _count > 0 && !_disposed;
            if (_runs)
            {
                _timer.Change(Step, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>Takes out all whose time has come, as a list of its own. After a long pause one look at each slot is enough.</summary>
    private Entry? TakeDue()
    {
        Entry? first = null, last = null;
        lock (_gate)
        {
            var now = Now;
            for (_hand = Math.Max(_hand, now - Slots); _hand < now;)
            {
                _hand++;
                for (var entry = _slots[_hand % Slots]; entry is not null;)
                {
                    var next = entry.Next;
                    if (entry.Due <= now)
                    {
                        Unlink(entry);
                        _ = last is null ? first = entry : last.NextDue = entry;
                        last = entry;
                    }

                    entry = next;
                }
            }
        }

        return first;
    }

    [LoggerMessage(2178, LogLevel.Error, "A held connection could not be woken: it gets no heartbeats any more. The others get theirs.")]
    private partial void LogNotWoken(Exception failed);

    private void Link(Entry entry)
    {
        ref var slot = ref _slots[entry.Due % Slots];
        entry.Next = slot;
        entry.Previous = null;
        entry.IsIn = true;
        if (slot is not null)
        {
            slot.Previous = entry;
        }

        slot = entry;
        _count++;
    }

    private void Unlink(Entry entry)
    {
        if (!entry.IsIn)
        {
            return;
        }

        if (entry.Previous is null)
        {
            _slots[entry.Due % Slots] = entry.Next;
        }
        else
        {
            entry.Previous.Next = entry.Next;
        }

        if (entry.Next is not null)
        {
            entry.Next.Previous = entry.Previous;
        }

        entry.Next = entry.Previous = null;
        entry.IsIn = false;
        _count--;
    }

    /// <summary>Somebody who is woken. The links are the wheel's.</summary>
    internal abstract class Entry
    {
        internal Entry? Next { get; set; }

        internal Entry? Previous { get; set; }

        /// <summary>Who is woken after it: apart from the slots, because meanwhile it may be put into one again.</summary>
        internal Entry? NextDue { get; set; }

        internal long Due { get; set; }

        internal bool IsIn { get; set; }

        /// <summary>The time has come. Must not block; one that throws is not woken again.</summary>
        public abstract void Wake();
    }
}
