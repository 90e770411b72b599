namespace Admission.Capacity;

/// <summary>The last decisions of a ledger: a ring that is made when there is something to record, and grows to its bound. Not thread-safe.</summary>
internal sealed class DecisionLog
{
    private const int FirstSize = 16;

    private (long At, TicketId Ticket, DecisionRecord Record)[] _ring = [];

    /// <summary>Decisions recorded, those included that the ring has no more.</summary>
    public long Recorded { get; private set; }

    /// <summary>Decisions of holders that were not reported.</summary>
    public long LeftOut { get; set; }

    /// <summary>Those that are kept.</summary>
    public int Count => (int)Math.Min(Recorded, DecisionQuery.Most);

    /// <summary>Adds a decision, in the place of the oldest if need be.</summary>
    /// <param name="at">When it was decided.</param>
    /// <param name="ticket">The request.</param>
    /// <param name="record">The decision; its number and age are not its author's to say.</param>
    public void Add(long at, in TicketId ticket, DecisionRecord record)
    {
        if (Recorded == _ring.Length && _ring.Length < DecisionQuery.Most)
        {
            // Before it is full nothing was overwritten, so everything is where it was.
            Array.Resize(ref _ring, _ring.Length == 0 ? FirstSize : _ring.Length * 2);
        }

        _ring[Recorded % _ring.Length] = (at, ticket, record);
        Recorded++;
    }

    /// <summary>The newest decision over a request, in which the reason is the ticket's, if that has one; or null.</summary>
    public DecisionRecord? Find(in TicketId ticket, Func<long, TimeSpan> age)
    {
        for (var number = Recorded; number > Recorded - Count; number--)
        {
            var entry = At(number);
            if (entry.Ticket.Equals(ticket) && (ticket.Reason == RefusalReason.None || ticket.Reason == entry.Record.Reason))
            {
                return Tell(number, entry, age);
            }
        }

        return null;
    }

    /// <summary>The decisions asked for, the newest first.</summary>
    public DecisionRecord[] Read(DecisionQuery query, Func<long, TimeSpan> age)
    {
        var most = Math.Clamp(query.Count, 1, DecisionQuery.Most);
        var found = new List<DecisionRecord>();
        for (var number = Recorded; number > Recorded - Count && found.Count < most; number--)
        {
            var entry = At(number);
            if ((query.Before is not { } before || number < before) && query.Takes(entry.Record))
            {
                found.Add(Tell(number, entry, age));
            }
        }

        return [.. found];
    }

    private (long At, TicketId Ticket, DecisionRecord Record) At(long number) => _ring[(number - 1) % _ring.Length];

    private static DecisionRecord Tell(long number, in (long At, TicketId Ticket, DecisionRecord Record) entry, Func<long, TimeSpan> age) =>
        entry.Record with { Number = number, Age = age(entry.At) };
}
