namespace Admission.Simulation;

/// <summary>What can go wrong.</summary>
internal enum FaultKind
{
    None = 0,
    HolderCrash,
    HolderPause,
    HolderLeave,
    HolderCut,
    LedgerCrash,
    LedgerPause,
    LedgerCut,
    StoreCut,
    SecondActivation,
    HandOver,
    Overtaking,
    CrashInQuarantine,
    PredecessorCut,
    PolicyChange,
}
