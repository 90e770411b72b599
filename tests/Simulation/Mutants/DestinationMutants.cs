namespace Admission.Simulation;

/// <summary>A pool that never hears that a destination is withheld, and goes on using its permits there.</summary>
internal sealed class IgnoresWithheld : Mutant
{
    public override LedgerMessage ToPool(Holder holder, LedgerMessage message) =>
        message.Withheld.Length == 0 ? message : message with { Withheld = [], Recalled = [.. message.Recalled.Except(message.Withheld, StringComparer.Ordinal)] };
}

/// <summary>Takes a trial for ended as soon as its holder has it, and begins the next.</summary>
internal sealed class ForgetsTrials : Mutant
{
    private readonly Dictionary<(int, string, long), Decision> _trials = [];

    public override LedgerMessage? FromLedger(Activation activation, LedgerMessage message)
    {
        foreach (var decision in message.Decisions.Where(decision => decision.Trial != 0))
        {
            _trials[Key(activation, message.Holder, message.Incarnation)] = decision;
        }

        return message;
    }

    public override HolderReport ToLedger(Activation activation, HolderReport report) =>
        _trials.TryGetValue(Key(activation, report.Holder, report.Incarnation), out var trial) && report.AppliedDecision >= trial.Sequence
            && report.Outcomes.All(outcomes => outcomes.Trial != trial.Trial)
            ? report with { Outcomes = [.. report.Outcomes, new DestinationOutcomes(trial.Destination, 0, 0, 0, 0, 0, null, trial.Trial, TrialEnd.Undecided)] }
            : report;
}

/// <summary>Believes one holder that a destination fails, whoever is served there.</summary>
internal sealed class HearsNoVouchers : Mutant
{
    public override HolderReport ToLedger(Activation activation, HolderReport report) => report with { Outcomes = [.. report.Outcomes.Select(outcomes => outcomes with { ServedAgo = null })] };
}

/// <summary>Gives a destination that comes back all of its share at once.</summary>
internal sealed class ComesBackAtOnce : PolicyMutant
{
    protected override BackendPolicy Change(BackendPolicy policy) => policy with { SlowStart = TimeSpan.Zero };
}

/// <summary>Never tries a destination again.</summary>
internal sealed class NeverTriesAgain : PolicyMutant
{
    private static readonly TimeSpan Forever = TimeSpan.FromHours(1);

    protected override BackendPolicy Change(BackendPolicy policy) => policy with { Ejection = policy.Ejection with { ShortestPause = Forever, LongestPause = Forever } };
}

/// <summary>Goes on sending to a destination that fails.</summary>
internal sealed class NeverWithholds : PolicyMutant
{
    protected override BackendPolicy Change(BackendPolicy policy) => policy with { Ejection = policy.Ejection with { Enabled = false } };
}
