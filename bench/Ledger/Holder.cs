using Admission.Capacity;

namespace Admission.LedgerBench;

/// <summary>A holder as its ledger sees it: in its turn it gives permits back and asks for as many.</summary>
internal sealed class Holder(string name, int tenants)
{
    private static readonly TimeSpan Wait = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan Use = TimeSpan.FromMicroseconds(1);

    private long _sequence;
    private long _applied;
    private long _seen;
    private long _lastTicket;
    private long _completed;

    public string Name => name;

    /// <summary>Permits in hand.</summary>
    public int InHand { get; private set; }

    /// <summary>The report of a turn.</summary>
    /// <param name="epoch">The ledger's epoch.</param>
    /// <param name="back">Permits that go back.</param>
    /// <param name="tickets">Tickets that come.</param>
    public HolderReport Report(long epoch, int back, int tickets)
    {
        _completed += back;
        InHand -= back;
        var asked = new TicketRequest[tickets];
        for (var i = 0; i < tickets; i++)
        {
            _lastTicket++;
            asked[i] = new TicketRequest(_lastTicket, 1, Priorities.Normal, tenants > 1 ? TenantNames.Of((int)(_lastTicket % tenants)) : null, Wait);
        }

        return new HolderReport
        {
            Holder = name, Incarnation = 1, Epoch = epoch, Sequence = ++_sequence, AppliedDecision = _applied, SeenMessage = _seen, Tickets = asked,
            Held = InHand == 0 ? [] : [new HeldPermits("", InHand, InHand)],
            Work = new WorkTotals(_completed, _completed, _completed * Use),
            Clients = _completed == 0 ? null : new ClientTotals { Buckets = [new(8, 0, _completed, _completed)], InTime = _completed },
        };
    }

    /// <summary>Takes an answer or a push.</summary>
    /// <returns>How many permits it granted.</returns>
    public int Take(LedgerMessage message)
    {
        _seen = Math.Max(_seen, message.Sequence);
        var granted = 0;
        foreach (ref readonly var decision in message.Decisions.AsSpan())
        {
            if (decision.Sequence > _applied)
            {
                _applied = decision.Sequence;
                granted += decision.Kind == DecisionKind.Grant ? decision.Permits : throw new InvalidOperationException($"Refused: {decision.Refusal!.Reason}.");
            }
        }

        InHand += granted;
        return granted;
    }
}
