using System.Globalization;
using Admission.Capacity;

namespace Admission.Client.Telemetry;

/// <summary>The attributes of instruments and spans, and their values. Each has few values: a backend is one that is configured, a reason one of an enum, a priority one that has a name. No tenant is among them.</summary>
internal static class MetricTags
{
    public const string BackendKey = "admission.backend";
    public const string OutcomeKey = "admission.outcome";
    public const string ReasonKey = "admission.reason";
    public const string PriorityKey = "admission.priority";
    public const string StateKey = "admission.state";

    public const string Admitted = "admitted";
    public const string AdmittedAfterWait = "admitted_after_wait";
    public const string Refused = "refused";

    /// <summary>Its client left while it waited.</summary>
    public const string GaveUp = "gave_up";

    /// <summary>A priority without a name: clients may choose any number.</summary>
    public const string OtherPriority = "other";

    private static readonly string[] Reasons = [.. Enumerable.Range(0, (int)Enum.GetValues<RefusalReason>()[^1] + 1).Select(reason => Words((RefusalReason)reason))];

    public static KeyValuePair<string, object?> Backend(string backend) => new(BackendKey, backend);

    public static KeyValuePair<string, object?> Outcome(string outcome) => new(OutcomeKey, outcome);

    public static KeyValuePair<string, object?> Reason(RefusalReason reason) => new(ReasonKey, ReasonOf(reason));

    public static KeyValuePair<string, object?> Priority(BackendPolicy policy, int priority) => new(PriorityKey, PriorityOf(policy, priority));

    public static KeyValuePair<string, object?> State(string state) => new(StateKey, state);

    /// <summary>The reason as answers say it: <c>queue-full</c>. One that only a later version knows is <c>other</c>.</summary>
    public static string ReasonOf(RefusalReason reason) => (uint)reason < (uint)Reasons.Length ? Reasons[(int)reason] : Reasons[0];

    /// <summary>The priority's name in the policy.</summary>
    public static string PriorityOf(BackendPolicy policy, int priority)
    {
        foreach (ref readonly var level in (policy.Order ?? QueueOrder.Default).Named())
        {
            if (level.Priority == priority)
            {
                return level.Name;
            }
        }

        return OtherPriority;
    }

    private static string Words(RefusalReason reason)
    {
        if (reason == RefusalReason.None || !Enum.IsDefined(reason))
        {
            return "other";
        }

        var words = reason.ToString().Select((letter, at) => char.IsUpper(letter) && at > 0 ? $"-{char.ToLower(letter, CultureInfo.InvariantCulture)}" : $"{char.ToLower(letter, CultureInfo.InvariantCulture)}");
        return string.Concat(words);
    }
}
