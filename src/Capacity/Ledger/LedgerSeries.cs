namespace Admission.Capacity;

/// <summary>The last 15 minutes of a ledger: a ring of 180 samples of 5 s, and how long requests waited in the last 30 to 60 s. Never stored; a successor begins anew. Not thread-safe.</summary>
/// <remarks>
/// <para>
/// There is no timer. Each turn of the ledger notes how it stands, which is two comparisons and, once in 5 s, a sample. Between two turns nothing of a ledger changes, so the samples that were missed meanwhile are
/// what it stood at, and are filled in when somebody notes or reads.
/// </para>
/// <para>Nothing is allocated but the ring, with the first sample (3.5 KiB), and the buckets of waits, with the first wait (1.4 KiB).</para>
/// </remarks>
internal sealed class LedgerSeries
{
    /// <summary>Samples that are kept.</summary>
    public const int Most = 180;

    private const int RateSlots = 2;

    /// <summary>The time of one sample.</summary>
    public static readonly TimeSpan SlotLength = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan WindowLength = TimeSpan.FromSeconds(30);

    private readonly MonotonicClock _clock;
    private readonly long _began;
    private readonly long _slotTicks;
    private readonly long _windowTicks;
    private LedgerSample[] _ring = [];
    private int[] _waits = [];
    private int[] _waitsBefore = [];
    private long _atOnce;
    private long _atOnceBefore;
    private long _window;
    private long _open;
    private long _openEnd;
    private int _limit;
    private int _inUse;
    private int _waiting;
    private int _mostInUse;
    private int _mostWaiting;
    private long _served;
    private long _refused;

    public LedgerSeries(MonotonicClock clock, long began)
    {
        _clock = clock;
        _began = began;
        _slotTicks = clock.Ticks(SlotLength);
        _windowTicks = clock.Ticks(WindowLength);
        _openEnd = began + _slotTicks;
    }

    /// <summary>Notes how the ledger stands after a turn.</summary>
    public void Note(long now, int limit, int inUse, int waiting)
    {
        if (now >= _openEnd)
        {
            CloseUntil(now);
        }

        _limit = limit;
        _inUse = inUse;
        _waiting = waiting;
        _mostInUse = Math.Max(_mostInUse, inUse);
        _mostWaiting = Math.Max(_mostWaiting, waiting);
    }

    /// <summary>Counts what a holder has done since it last said so.</summary>
    public void Count(long now, long atOnce, long served, long refused)
    {
        if (now >= _openEnd)
        {
            CloseUntil(now);
        }

        TurnWindow(now);
        _atOnce += atOnce;
        _served += served;
        _refused += refused;
    }

    /// <summary>A ticket is served.</summary>
    public void CountWait(long now, TimeSpan wait)
    {
        TurnWindow(now);
        if (_waits.Length == 0)
        {
            _waits = new int[PatienceBuckets.Count];
            _waitsBefore = new int[PatienceBuckets.Count];
        }

        _waits[PatienceBuckets.Of(wait)]++;
    }

    /// <summary>Per second, over the two samples before the open one and what there is of that.</summary>
    public (double Served, double Refused) Rates(long now)
    {
        if (now >= _openEnd)
        {
            CloseUntil(now);
        }

        var (served, refused) = (_served, _refused);
        var first = Math.Max(0, _open - RateSlots);
        for (var slot = first; slot < _open; slot++)
        {
            served += _ring[slot % Most].Served;
            refused += _ring[slot % Most].Refused;
        }

        // A second at least: the first reports of a ledger are no rate yet.
        var seconds = Math.Max(1, _clock.Between(_began + (first * _slotTicks), now).TotalSeconds);
        return (served / seconds, refused / seconds);
    }

    /// <summary>The wait that a part of those who were served lately did not exceed; null if none was served. To 9 %, as <see cref="PatienceBuckets"/> are.</summary>
    public TimeSpan? WaitOf(double part, long now)
    {
        TurnWindow(now);
        var total = _atOnce + _atOnceBefore;
        for (var bucket = 0; bucket < _waits.Length; bucket++)
        {
            total += _waits[bucket] + _waitsBefore[bucket];
        }

        if (total == 0)
        {
            return null;
        }

        var rank = (long)Math.Ceiling(part * total) - _atOnce - _atOnceBefore;
        for (var bucket = 0; rank > 0 && bucket < _waits.Length; bucket++)
        {
            rank -= _waits[bucket] + _waitsBefore[bucket];
            if (rank <= 0)
            {
                return TimeSpan.FromMilliseconds(PatienceBuckets.Middle(bucket));
            }
        }

        return TimeSpan.Zero;
    }

    /// <summary>The samples after one, the oldest first.</summary>
    /// <param name="now">This instant.</param>
    /// <param name="after">The number of the last one that is known; -1 for none.</param>
    /// <returns>The number of the last of them, or -1; when it ended, ago; and the samples.</returns>
    public (long Last, TimeSpan Age, LedgerSample[] Samples) Read(long now, long after)
    {
        if (now >= _openEnd)
        {
            CloseUntil(now);
        }

        var first = Math.Max(Math.Max(0, after + 1), _open - Most);
        var samples = first >= _open ? [] : new LedgerSample[_open - first];
        for (var i = 0; i < samples.Length; i++)
        {
            samples[i] = _ring[(first + i) % Most];
        }

        return (_open - 1, _clock.Between(_openEnd - _slotTicks, now), samples);
    }

    private void CloseUntil(long now)
    {
        if (_ring.Length == 0)
        {
            _ring = new LedgerSample[Most];
        }

        var next = (now - _began) / _slotTicks;
        _ring[_open % Most] = new LedgerSample(_limit, _mostInUse, _mostWaiting, Clip(_refused), Clip(_served));
        for (var slot = Math.Max(_open + 1, next - Most); slot < next; slot++)
        {
            _ring[slot % Most] = new LedgerSample(_limit, _inUse, _waiting, 0, 0);
        }

        (_mostInUse, _mostWaiting, _served, _refused) = (_inUse, _waiting, 0, 0);
        _open = next;
        _openEnd = _began + ((next + 1) * _slotTicks);
    }

    private void TurnWindow(long now)
    {
        var window = (now - _began) / _windowTicks;
        if (window == _window)
        {
            return;
        }

        if (window == _window + 1)
        {
            (_waits, _waitsBefore) = (_waitsBefore, _waits);
            _atOnceBefore = _atOnce;
        }
        else
        {
            Array.Clear(_waitsBefore);
            _atOnceBefore = 0;
        }

        Array.Clear(_waits);
        _atOnce = 0;
        _window = window;
    }

    private static int Clip(long count) => (int)Math.Min(count, int.MaxValue);
}
