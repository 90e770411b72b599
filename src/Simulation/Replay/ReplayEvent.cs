namespace Admission.Simulator;

/// <summary>The events of a replay. Target is a frontend's index.</summary>
internal enum ReplayEvent
{
    None = 0,
    Arrival,
    ClientLeaves,
    WorkEnds,
    FrontendTick,
    ExchangeAgain,
    ReportArrives,
    ReplyArrives,
    PushArrives,
    LedgerTick,
    ServerEnds,
    RunTimesOut,
}
