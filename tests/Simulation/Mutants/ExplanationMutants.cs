namespace Admission.Simulation;

/// <summary>Keeps no record of tickets that a full queue has no place for.</summary>
internal sealed class ForgetsWhoIsDisplaced : Mutant
{
    public override DecisionPage Page(DecisionPage page) =>
        page with { Decisions = [.. page.Decisions.Where(record => record.ByHolder || !Promises.IsWantOfCapacity(record.Reason))] };
}

/// <summary>Loses what pools decided, and does not count it either.</summary>
internal sealed class LosesWhatPoolsDecide : Mutant
{
    public override HolderReport ToLedger(Activation activation, HolderReport report) => report with { Decisions = null, DecisionsMade = 0 };
}

/// <summary>Records what pools decided twice.</summary>
internal sealed class RecordsTwice : Mutant
{
    public override HolderReport ToLedger(Activation activation, HolderReport report) => report.Decisions is not { Length: > 0 } told ? report with { DecisionsMade = 2 * report.DecisionsMade } : report with
    {
        Decisions = [.. told.SelectMany(decision => new[] { decision with { Number = (2 * decision.Number) - 1 }, decision with { Number = 2 * decision.Number } })],
        DecisionsMade = 2 * report.DecisionsMade,
    };
}

/// <summary>Tells everybody that nobody is before it.</summary>
internal sealed class TellsEverybodyFirst : Mutant
{
    public override TicketExplanation Explained(TicketExplanation explanation) =>
        explanation.Waiting is not { } waiting ? explanation : explanation with { Waiting = waiting with { Place = 1, AheadOfTenant = 0 } };
}

/// <summary>Forgets who has left, and says that he waits.</summary>
internal sealed class SaysThatWhoHasLeftWaits : Mutant
{
    public override HolderReport ToLedger(Activation activation, HolderReport report) => report with { Withdrawn = [] };
}

/// <summary>Takes the time that a ticket has left for a quarter of it.</summary>
internal sealed class TakesTimeLeftForLess : TicketMutant
{
    protected override TicketRequest Change(TicketRequest ticket) => ticket with { TimeLeft = ticket.TimeLeft / 4 };
}
