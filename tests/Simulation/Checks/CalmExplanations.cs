using System.Buffers.Binary;
using System.Buffers.Text;

namespace Admission.Simulation;

/// <summary>
/// As <i>Explain</i>, in runs without faults: every refusal has exactly one record, which tells the reason that its client is given, or is counted as left out; what is said of a ticket that waits agrees with the books.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>Ledger: what a message refuses is recorded by then, once, with that reason. Pools: what reports say was decided there is recorded or counted as left out, to one; and a pool can explain what it has refused at that instant.</item>
/// <item>Waiting: the tickets that a page names are those that wait. Each has no fewer of its own tenant and of higher priorities before it than there are, a place among those that wait, and names the same next one.</item>
/// <item>A ticket that was granted, refused or given up is not said to wait.</item>
/// </list>
/// </remarks>
internal sealed class CalmExplanations(World world, Func<int, long, CalmBooks.Ticket?> find, CalmOrder order)
{
    /// <summary>Pages are looked at after one in so many calls.</summary>
    private const int LookEvery = 64;

    /// <summary>The tickets that a page names at most.</summary>
    private const int MostNamed = 20;

    private readonly Dictionary<(string Holder, long Ticket), RefusalReason> _byLedger = [];
    private readonly HashSet<(string Holder, long Ticket)> _byPool = [];
    private readonly Dictionary<(string Holder, long Life), long> _made = [];
    private readonly Dictionary<(string Holder, long Ticket), TicketId> _named = [];
    private readonly List<(string Holder, long Ticket, RefusalReason Reason)> _refused = [];
    private readonly List<TicketId> _gone = [];
    private long _recorded;
    private long _ofPools;
    private long _expected;
    private long _calls;

    /// <summary>A report was booked.</summary>
    public void Booked(HolderReport report)
    {
        var life = (report.Holder, report.Incarnation);
        _expected += _made.TryGetValue(life, out var before) ? report.DecisionsMade - before : report.Decisions?.Length ?? 0;
        _made[life] = report.DecisionsMade;
    }

    /// <summary>A message refuses a ticket.</summary>
    public void Refuses(string holder, long ticket, RefusalReason reason) => _refused.Add((holder, ticket, reason));

    /// <summary>A ticket waits no more.</summary>
    public void Gone(string holder, long ticket)
    {
        if (_named.Remove((holder, ticket), out var id))
        {
            _gone.Add(id);
        }
    }

    /// <summary>A pool has refused a request, at once or after a wait.</summary>
    public void Refused(Holder holder, SimRequest request, Refusal refusal, bool atOnce)
    {
        var name = atOnce ? holder.Pool.Name(request.Asked, refusal) : request.Name;
        var explained = TicketExplanation.Merge(world.Newest?.Ledger?.Explain(name), holder.Pool.Explain(name));
        if (explained?.Record?.Reason != refusal.Reason)
        {
            throw world.Broken("Explain", $"ticket {name} of {holder.Id} was refused with {refusal.Reason}, and is explained from {explained?.Source} with {explained?.Record?.Reason}.");
        }
    }

    /// <summary>After a call of the ledger, whose messages have been seen.</summary>
    public void LedgerCalled(CapacityLedger ledger, int queued)
    {
        Read(ledger);
        foreach (var (holder, ticket, reason) in _refused)
        {
            if (!_byLedger.TryGetValue((holder, ticket), out var recorded) || recorded != reason)
            {
                throw world.Broken("Explain", $"ticket {ticket} of {holder} was refused with {reason}, and its record says {recorded}.");
            }
        }

        foreach (var id in _gone)
        {
            if (world.Tamper.Explained(ledger.Explain(id)).Source == ExplanationSource.Waiting)
            {
                throw world.Broken("Explain", $"ticket {id} was decided or given up, and is said to wait.");
            }
        }

        _refused.Clear();
        _gone.Clear();
        if (++_calls % LookEvery == 0 && queued > 0)
        {
            CheckWaiting(ledger, queued);
        }
    }

    /// <summary>Takes the records that are new, and holds their number to what reports have told.</summary>
    private void Read(CapacityLedger ledger)
    {
        // A page before others names no tickets that wait, which would cost the most.
        var page = world.Tamper.Page(ledger.Decisions(new DecisionQuery { Count = 1, Before = long.MaxValue }));
        if (page.Recorded > _recorded)
        {
            page = world.Tamper.Page(ledger.Decisions(new DecisionQuery { Count = (int)(page.Recorded - _recorded), Before = long.MaxValue }));
            _recorded = page.Recorded;
            foreach (var record in page.Decisions)
            {
                Take(record);
            }
        }

        if (_ofPools + page.LeftOut != _expected)
        {
            throw world.Broken("Explain", $"pools have reported {_expected} decisions, of which {_ofPools} are recorded and {page.LeftOut} counted as left out.");
        }
    }

    private void Take(DecisionRecord record)
    {
        var key = (record.Holder, NumberOf(record.Ticket));
        _ofPools += record.ByHolder ? 1 : 0;
        var isNew = record.ByHolder ? _byPool.Add(key) : record.Outcome == DecisionOutcome.Waited || _byLedger.TryAdd(key, record.Reason);
        if (!isNew)
        {
            throw world.Broken("Explain", $"the decision over ticket {key.Item2} of {record.Holder} is recorded twice.");
        }
    }

    private void CheckWaiting(CapacityLedger ledger, int queued)
    {
        var named = ledger.Decisions(new DecisionQuery { Count = 1 }).Waiting;
        if (!world.Scenario.HasCaps && named.Length != Math.Min(queued, MostNamed))
        {
            throw world.Broken("Explain", $"{queued} tickets wait, and a page names {named.Length}.");
        }

        foreach (var text in named)
        {
            if (!TicketId.TryParse(text, out var id) || world.Tamper.Explained(ledger.Explain(id)) is not { Source: ExplanationSource.Waiting, Waiting: { } told }
                || find(world.HolderOf(told.Holder).Index, NumberOf(text)) is not { State: CalmBooks.TicketState.Queued } ticket)
            {
                throw world.Broken("Explain", $"ticket {text} is named as one that waits, and does not.");
            }

            _named[(told.Holder, ticket.Id)] = id;
            CheckTold(told, ticket, named[0], queued);
        }
    }

    private void CheckTold(WaitingTicket told, CalmBooks.Ticket ticket, string first, int queued)
    {
        if (told.Weight != ticket.Weight || told.Priority != ticket.Priority || (told.Tenant ?? "") != ticket.Tenant)
        {
            throw world.Broken("Explain", $"ticket {ticket.Id} of '{ticket.Tenant}' with priority {ticket.Priority} and weight {ticket.Weight} is said to be {told}.");
        }

        var (higher, own, ofOwn) = order.AheadOf(ticket);
        var isNext = told.Next is null;
        var inOrder = world.Scenario.Policy.Discipline != QueueDiscipline.AdaptiveLifo;
        if (told.AheadOfTenant < own || told.AheadOfTenant >= ofOwn || told.Grounds.AheadHigher > higher || (!world.Scenario.HasCaps && told.Grounds.AheadHigher < higher)
            || told.Grounds.AheadOwn < own || told.Place < 1 || told.Place > queued || (!isNext && told.Place <= own) || (inOrder && isNext && own > 0))
        {
            throw world.Broken("Explain", $"ticket {ticket.Id} of {told.Holder} has {own} of its own {ofOwn} and {higher} of higher priorities before it, and is said to have place {told.Place} of {queued}, {told.AheadOfTenant} and {told.Grounds.AheadHigher}.");
        }

        if (inOrder && !world.Scenario.HasCaps && (isNext ? told.Ticket : told.Next) != first)
        {
            throw world.Broken("Explain", $"ticket {first} is first, and {told.Ticket} is said to wait for {told.Next}.");
        }
    }

    /// <summary>A request's number in its holder: the last six of the first eight bytes of its name.</summary>
    private static long NumberOf(string ticket) => BinaryPrimitives.ReadInt64BigEndian(Base64Url.DecodeFromChars(ticket)) & ((1L << 48) - 1);
}
