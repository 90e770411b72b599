namespace Admission.Capacity;

/// <summary>The last saturation notices of a ledger. Not thread-safe.</summary>
/// <param name="clock">The ledger's clock.</param>
/// <param name="epoch">Its epoch: the numbers begin above those of the epochs before, whose tickets may still be asked for.</param>
internal sealed class NoticeBook(MonotonicClock clock, long epoch)
{
    /// <summary>Notices that are remembered.</summary>
    public const int Most = 64;

    private const int NumbersPerEpoch = 20;

    /// <summary>A notice that ended no longer ago is the same one, told again.</summary>
    private static readonly TimeSpan LongestGap = TimeSpan.FromSeconds(1);

    private readonly Queue<Notice> _notices = new();
    private Notice? _newest;
    private long _last = epoch << NumbersPerEpoch;

    /// <summary>Notes that a message carries a notice.</summary>
    /// <param name="now">This instant.</param>
    /// <param name="until">When the notice ends by itself.</param>
    /// <param name="reason">Why.</param>
    /// <param name="saturatedFor">For how long no permit has been free.</param>
    /// <param name="occupancy">How full the backend is.</param>
    /// <returns>Its number, and how long it has stood.</returns>
    public (long Number, TimeSpan For) Tell(long now, long until, RefusalReason reason, TimeSpan saturatedFor, in Occupancy occupancy)
    {
        if (_newest is not { } notice || notice.Reason != reason || now - notice.Until > clock.Ticks(LongestGap))
        {
            notice = _newest = new Notice(++_last, reason, now);
            _notices.Enqueue(notice);
            if (_notices.Count > Most)
            {
                _notices.Dequeue();
            }
        }

        notice.Until = Math.Max(notice.Until, until);
        notice.Told++;
        notice.SaturatedFor = saturatedFor;
        notice.Occupancy = occupancy;
        return (notice.Number, clock.Between(notice.Since, now));
    }

    /// <summary>The notice of which a ticket tells the lower half of the number; or null.</summary>
    public SaturationNotice? Find(uint number, long now)
    {
        if (number == 0)
        {
            return null;
        }

        foreach (var notice in _notices)
        {
            if ((uint)notice.Number == number)
            {
                return new SaturationNotice(
                    notice.Number, notice.Reason, clock.Between(notice.Since, now), notice.Until > now ? TimeSpan.Zero : clock.Between(notice.Until, now), notice.Told,
                    notice.SaturatedFor, notice.Occupancy);
            }
        }

        return null;
    }

    private sealed class Notice(long number, RefusalReason reason, long since)
    {
        public long Number { get; } = number;

        public RefusalReason Reason { get; } = reason;

        public long Since { get; } = since;

        public long Until { get; set; } = since;

        public long Told { get; set; }

        public TimeSpan SaturatedFor { get; set; }

        public Occupancy Occupancy { get; set; }
    }
}
