namespace Admission.Simulation;

/// <summary>Mean times between two faults of each kind, in ticks; 0 for never.</summary>
internal sealed record FaultRates
{
    public long HolderCrash { get; init; }

    public long HolderPause { get; init; }

    public long HolderLeave { get; init; }

    public long HolderCut { get; init; }

    public long LedgerCrash { get; init; }

    public long LedgerPause { get; init; }

    public long LedgerCut { get; init; }

    public long StoreCut { get; init; }

    public long SecondActivation { get; init; }

    public long HandOver { get; init; }
}
