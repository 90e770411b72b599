namespace Admission.Simulation;

/// <summary>
/// The boundary between the state machines and their world, through which a mutant breaks a rule without touching the product. This
/// one changes nothing. The checks see what the unbroken side said, not what a mutant made of it.
/// </summary>
internal class Tamper
{
    public static readonly Tamper None = new();

    /// <summary>Called first, before anything happens.</summary>
    public virtual void Attach(World world)
    {
    }

    /// <summary>A report has left its pool.</summary>
    public virtual void Sent(Holder holder, HolderReport report)
    {
    }

    /// <summary>The ledger never pushes.</summary>
    public virtual bool DropsPushes => false;

    /// <summary>A program counts its lease from when it hears of it.</summary>
    public virtual bool CountsLeasesFromTheAnswer => false;

    public virtual TimeProvider PoolClock(Holder holder, ProcessClock clock) => clock;

    /// <summary>A report as the ledger gets it.</summary>
    public virtual HolderReport ToLedger(Activation activation, HolderReport report) => report;

    /// <summary>A message as the ledger's host sends it; null for not at all.</summary>
    public virtual LedgerMessage? FromLedger(Activation activation, LedgerMessage message) => message;

    /// <summary>A message as the pool gets it.</summary>
    public virtual LedgerMessage ToPool(Holder holder, LedgerMessage message) => message;

    /// <summary>The record as it is written.</summary>
    public virtual LedgerState Written(Activation activation, LedgerState state) => state;

    /// <summary>How a write ended, as the ledger is told.</summary>
    public virtual StoreOutcome Outcome(Activation activation, StoreOutcome outcome) => outcome;

    /// <summary>The record that a ledger begins with.</summary>
    public virtual LedgerState Restored(Activation activation, LedgerState state) => state;

    /// <summary>The policy as the ledger gets it.</summary>
    public virtual BackendPolicy LedgerPolicy(BackendPolicy policy) => policy;

    /// <summary>The policy that was meant by the one in force.</summary>
    public virtual BackendPolicy? MeantPolicy(BackendPolicy? inForce) => inForce;

    /// <summary>Whether operators may adjust the policy at the ledger.</summary>
    public virtual bool MayAdjust => true;

    /// <summary>When the ledger is told that the write of its epoch began.</summary>
    public virtual long WriteBegan(long began, ProcessClock clock) => began;

    /// <summary>The epoch that a claim gets.</summary>
    public virtual long Claim(long claimed, long recorded) => Math.Max(claimed, recorded) + 1;

    /// <summary>A new activation claims its epoch before it writes its record.</summary>
    public virtual bool ClaimsFirst => true;

    /// <summary>Whether a renewal is told that its epoch is still the highest claimed.</summary>
    public virtual bool StillOurs(bool stillOurs) => stillOurs;

    /// <summary>When the ledger is told that a renewal began.</summary>
    public virtual long RenewalBegan(long began, ProcessClock clock) => began;

    /// <summary>What a ledger tells of its decisions, as an operator gets it.</summary>
    public virtual DecisionPage Page(DecisionPage page) => page;

    /// <summary>What a ledger tells of a ticket, as an operator gets it.</summary>
    public virtual TicketExplanation Explained(TicketExplanation explanation) => explanation;

    /// <summary>Which lease a ledger is asked for.</summary>
    public virtual LeaseName AskedOfLease(LeaseCall call) => call.Lease.Name;

    /// <summary>What the program is told of it.</summary>
    public virtual LeaseDescription AnsweredOfLease(LeaseCall call, LeaseDescription answer) => answer;

    public virtual LedgerOptions Options(LedgerOptions options) => options;
}
