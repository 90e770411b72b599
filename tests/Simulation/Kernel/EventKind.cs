global using Event = Admission.Simulator.Event<Admission.Simulation.EventKind>;
global using EventQueue = Admission.Simulator.EventQueue<Admission.Simulation.EventKind>;

namespace Admission.Simulation;

/// <summary>The kinds of events. Target is a holder's or an activation's index.</summary>
internal enum EventKind
{
    None = 0,
    Arrival,
    ClientLeaves,
    ClientGone,
    ClientAbandons,
    WorkEnds,
    HolderTick,
    ExchangeBegins,
    ExchangeTimesOut,
    ReplyArrives,
    PushArrives,
    HolderStarts,
    HolderEnds,
    PolicyReachesHolder,
    RouteChanges,
    ReportArrives,
    LeaseCallArrives,
    LedgerTick,
    ActivationBegins,
    ActivationEnds,
    PolicyReachesLedger,
    StoreRequestArrives,
    StoreAnswers,
    StoreTimesOut,
    StorePumps,
    RenewalDue,
    ClaimDue,
    LeaseTold,
    LeaseTurn,
    LeaseExpires,
    LeaseAnswered,
    Fault,
    FaultEnds,
    DemandShifts,
    DestinationFails,
    DestinationReturns,
    Nudge,
    QuietBegins,
    QuietCheck,
    FullUseCheck,
}
