using Admission.Capacity;
using Admission.Dashboard.Components.Formatting;
using Admission.Dashboard.Feed;

namespace Admission.Dashboard.Components.Backends;

/// <summary>What an operator can change of a backend, each as it is asked before it is done.</summary>
public static class Operating
{
    /// <summary>Another limit; where it finds itself, another upper bound.</summary>
    /// <param name="page">The backend.</param>
    /// <param name="policy">Its policy, as it is shown.</param>
    /// <param name="to">Permits.</param>
    public static PlannedChange Limit(BackendPage page, PolicyPage policy, int to)
    {
        ArgumentNullException.ThrowIfNull(page);
        ArgumentNullException.ThrowIfNull(policy);
        var from = PresentLimit(policy);
        var inUse = page.Row.InUse ?? 0;
        var name = policy.InForce.Adaptive is null ? "limit" : "upper bound of the limit";
        var consequence = to >= from ? "What waits is admitted up to the new limit at once."
            : inUse > to ? $"{Words.Of(inUse, "permit")} {(inUse == 1 ? "is" : "are")} in use. Nothing new is admitted until fewer than {Words.Count(to)} are."
            : "What is in flight goes on to its end.";
        return new PlannedChange(
            $"Change the {name} of {page.Row.Id}?", [new FieldChange(Words.Sentence(name), Words.Count(from), Words.Count(to))], consequence, $"Change to {Words.Count(to)}",
            $"The {name} is {Words.Count(to)} now.", PolicyEdit.Limit(to), policy.Version);
    }

    /// <summary>Another lower bound of a limit that finds itself.</summary>
    /// <param name="page">The backend.</param>
    /// <param name="policy">Its policy, as it is shown.</param>
    /// <param name="to">Permits.</param>
    public static PlannedChange AdaptiveMin(BackendPage page, PolicyPage policy, int to)
    {
        ArgumentNullException.ThrowIfNull(page);
        ArgumentNullException.ThrowIfNull(policy);
        return new PlannedChange(
            $"Change the lower bound of the limit of {page.Row.Id}?", [new FieldChange("Lower bound", Words.Count(policy.InForce.Adaptive?.Min), Words.Count(to))], "The limit that finds itself does not go below it.",
            $"Change to {Words.Count(to)}", $"The limit does not go below {Words.Count(to)} now.", PolicyEdit.AdaptiveMin(to), policy.Version);
    }

    /// <summary>Another number of places in the queue.</summary>
    /// <param name="page">The backend.</param>
    /// <param name="policy">Its policy, as it is shown.</param>
    /// <param name="to">Places.</param>
    public static PlannedChange Queue(BackendPage page, PolicyPage policy, int to)
    {
        ArgumentNullException.ThrowIfNull(page);
        ArgumentNullException.ThrowIfNull(policy);
        var waiting = page.Row.Waiting ?? 0;
        return new PlannedChange(
            $"Change the queue of {page.Row.Id}?", [new FieldChange("Places", Words.Count(policy.InForce.QueueCapacity), Words.Count(to))],
            waiting > to ? $"{Words.Of(waiting, "request")} wait. Nobody is sent away, but nobody new may wait until fewer than {Words.Count(to)} do." : "Who waits already stays where he is.",
            $"Change to {Words.Of(to, "place")}", $"The queue has {Words.Of(to, "place")} now.", PolicyEdit.QueueCapacity(to), policy.Version);
    }

    /// <summary>Other guaranteed shares.</summary>
    /// <param name="page">The backend.</param>
    /// <param name="policy">Its policy, as it is shown.</param>
    /// <param name="to">Percent, for each priority that changes.</param>
    public static PlannedChange Shares(BackendPage page, PolicyPage policy, IReadOnlyDictionary<string, int> to)
    {
        ArgumentNullException.ThrowIfNull(page);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(to);
        return new PlannedChange(
            $"Change the guaranteed shares of {page.Row.Id}?",
            [.. policy.Priorities.Where(each => to.ContainsKey(each.Name)).Select(each => new FieldChange(each.Name, $"{each.Share} %", $"{to[each.Name]} %"))],
            "A priority gets at least its share of the permits that are granted while anybody of it waits, and the rest goes to the highest.",
            "Change the shares", "The shares are changed.", PolicyEdit.Shares(to.Select(each => new KeyValuePair<string, int?>(each.Key, each.Value))), policy.Version);
    }

    /// <summary>Pauses, or ends a pause.</summary>
    /// <param name="page">The backend.</param>
    /// <param name="policy">Its policy, as it is shown.</param>
    public static PlannedChange PauseOrResume(BackendPage page, PolicyPage policy)
    {
        ArgumentNullException.ThrowIfNull(page);
        ArgumentNullException.ThrowIfNull(policy);
        var name = page.Row.Id;
        return policy.IsPaused
            ? new PlannedChange($"Resume {name}?", [new FieldChange("State", "paused", "granting")], "Who waits is served at once, with the limit that was there before.", "Resume", $"{name} is granting again.", PolicyEdit.Resume, policy.Version)
            : new PlannedChange(
                $"Pause {name}?", [new FieldChange("State", "granting", "paused")],
                policy.InForce.Overflow == Overflow.Wait ? "Nothing more is granted. Requests wait in the queue as long as they may, and are refused when it is full; what is in flight goes on to its end."
                    : "Nothing more is granted: requests are refused. What is in flight goes on to its end.",
                "Pause", $"{name} is paused.", PolicyEdit.Pause, policy.Version);
    }

    /// <summary>Drains a destination, or takes it back.</summary>
    /// <param name="page">The backend.</param>
    /// <param name="policy">Its policy, as it is shown.</param>
    /// <param name="destination">The destination.</param>
    public static PlannedChange DrainOrUndrain(BackendPage page, PolicyPage policy, DestinationRow destination)
    {
        ArgumentNullException.ThrowIfNull(page);
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(destination);
        var rest = page.Destinations.Where(each => each.Id != destination.Id).Sum(static each => each.Limit);
        return destination.IsDrainedByOperator
            ? new PlannedChange($"Take {destination.Id} back into service?", [new FieldChange(destination.Id, "drained", "in service")], "It gets requests again at once.", "Take it back", $"{destination.Id} is in service again.",
                PolicyEdit.Undrain(destination.Id), policy.Version)
            : new PlannedChange(
                $"Drain {destination.Id}?", [new FieldChange(destination.Id, "in service", "drained")],
                $"Nothing more is sent there. {InFlight(destination.InUse ?? destination.Booked)} The limit of {page.Row.Id} is {Words.Count(Math.Min(PresentLimit(policy), rest))} meanwhile.",
                "Drain", $"{destination.Id} is drained.", PolicyEdit.Drain(destination.Id), policy.Version);
    }

    private static string InFlight(int count) => count switch
    {
        0 => "Nothing runs there now.",
        1 => "The request that runs there goes on to its end.",
        _ => $"The {Words.Count(count)} requests that run there go on to their end.",
    };

    /// <summary>Everything as it is configured again.</summary>
    /// <param name="page">The backend.</param>
    /// <param name="policy">Its policy, as it is shown.</param>
    public static PlannedChange Reset(BackendPage page, PolicyPage policy)
    {
        ArgumentNullException.ThrowIfNull(page);
        ArgumentNullException.ThrowIfNull(policy);
        return new PlannedChange(
            $"Take all changes of {page.Row.Id} back?", [new FieldChange("Policy", "changed by operators", "as configured")], "A pause ends, drained destinations get requests again, and limit, queue and shares are those of the configuration.",
            "Take all back", $"{page.Row.Id} is as configured.", PolicyEdit.Reset, policy.Version);
    }

    /// <summary>The limit that an operator sees as the present one: without a pause.</summary>
    /// <param name="policy">The policy.</param>
    public static int PresentLimit(PolicyPage policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.InForce.Limit ?? policy.InForce.TotalLimit;
    }
}
