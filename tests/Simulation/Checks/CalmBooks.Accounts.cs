namespace Admission.Simulation;

/// <content>What the books keep of each holder and each ticket.</content>
internal sealed partial class CalmBooks
{
    /// <summary>What a report hands over is booked for leases from then on.</summary>
    private void TakeHandOvers(Account account, HolderReport report)
    {
        foreach (var handed in report.HandOvers ?? [])
        {
            if (handed.Number > account.LastHandOver)
            {
                account.LastHandOver = handed.Number;
                _booked += handed.Permits;
            }
        }
    }

    /// <summary>Programs have given leases back.</summary>
    public void LeasesReleased(int permits) => _booked -= permits;

    private void Dequeue(Ticket ticket)
    {
        ticket.State = TicketState.Gone;
        _order.Gone(ticket);
        _queued--;
        _queuedWeight -= ticket.Weight;
    }

    internal enum TicketState
    {
        Queued,
        Granted,
        Refused,
        Gone,
    }

    internal sealed class Account
    {
        public readonly Queue<Decision> Unacknowledged = new();
        public readonly Dictionary<long, Ticket> Tickets = [];

        /// <summary>Grants of tickets that the newest report had not applied, each with its tenant.</summary>
        public readonly Dictionary<long, (string Tenant, int Permits)> TenantGrants = [];
        public TenantUse[] TenantsInUse = [];
        public long Life;
        public long Report;
        public long LastTicket;
        public long LastHandOver;
        public long LastDecision;
        public long DeliveredMessage;
        public int Held;
        public int InUse;
        public int Granted;
        public int Blocks;
        public bool ToldContended;
        public SaturationScope Scope;
        public LateNotice[] Late = [];
        public long LateSince;
        public long IdleSince = long.MaxValue;
        public HeldPermits[] Reported = [];

        public int IdleAt(string destination) =>
            Reported.Where(held => held.Destination == destination).Sum(held => held.Held - held.InUse)
            + Unacknowledged.Where(decision => decision.Ticket == 0 && decision.Destination == destination).Sum(decision => decision.Permits);

        public void Forget(in Decision applied) => TenantGrants.Remove(applied.Ticket);
    }

    internal sealed class Ticket(long id, int weight, int priority, string tenant, long order)
    {
        public long Id { get; } = id;

        public int Weight { get; } = weight;

        public int Priority { get; } = priority;

        /// <summary>Empty for none.</summary>
        public string Tenant { get; } = tenant;

        public long Order { get; } = order;

        /// <summary>When its client came, in true time, as far as its pool has told.</summary>
        public long Since { get; init; }

        public TicketState State { get; set; } = TicketState.Queued;

        public RefusalReason Reason { get; set; }
    }
}
