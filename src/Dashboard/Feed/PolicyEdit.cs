using Admission.Capacity;

namespace Admission.Dashboard.Feed;

/// <summary>One thing that an operator changes of a policy, on top of what is adjusted already. What is wrong with it says the ledger.</summary>
public sealed class PolicyEdit
{
    private readonly Func<PolicyDescription, PolicyAdjustment> _apply;

    private PolicyEdit(Func<PolicyAdjustment, PolicyAdjustment> apply)
        : this((policy, present) => apply(present))
    {
    }

    private PolicyEdit(Func<PolicyDescription, PolicyAdjustment, PolicyAdjustment> apply) => _apply = policy => apply(policy, policy.Adjustment ?? PolicyAdjustment.None);

    /// <summary>Everything as it is configured again, a pause and drained destinations included.</summary>
    public static PolicyEdit Reset { get; } = new(_ => PolicyAdjustment.None);

    /// <summary>Nothing is granted until <see cref="Resume"/>; what runs goes on to its end.</summary>
    public static PolicyEdit Pause { get; } = new(present => present with { Paused = true });

    /// <summary>Ends a pause.</summary>
    public static PolicyEdit Resume { get; } = new(present => present with { Paused = false });

    /// <summary>Another limit; where it finds itself, another upper bound.</summary>
    /// <param name="permits">0 to 1,000,000; null for what is configured.</param>
    public static PolicyEdit Limit(int? permits) => new(present => present with { Limit = permits });

    /// <summary>Another lower bound of a limit that finds itself.</summary>
    /// <param name="permits">1 to its upper bound; null for what is configured.</param>
    public static PolicyEdit AdaptiveMin(int? permits) => new(present => present with { AdaptiveMin = permits });

    /// <summary>Another number of places in the queue.</summary>
    /// <param name="places">1 to 100,000; null for what is configured.</param>
    public static PolicyEdit QueueCapacity(int? places) => new(present => present with { QueueCapacity = places });

    /// <summary>Another guaranteed share of a priority.</summary>
    /// <param name="priority">The priority's name.</param>
    /// <param name="percent">0 to 100, all together at most 100; null for what is configured.</param>
    public static PolicyEdit Share(string priority, int? percent) => Shares([new(priority, percent)]);

    /// <summary>Other guaranteed shares of some priorities at once, which together must not exceed 100 %.</summary>
    /// <param name="shares">Their names, with percent each; null for what is configured.</param>
    public static PolicyEdit Shares(IEnumerable<KeyValuePair<string, int?>> shares)
    {
        KeyValuePair<string, int?>[] wanted = [.. shares];
        return new(present => present with
        {
            Priorities =
            [
                .. present.Priorities.Where(each => !Array.Exists(wanted, own => string.Equals(own.Key, each.Name, StringComparison.OrdinalIgnoreCase)))
                    .Concat(wanted.Where(own => own.Value is not null).Select(own => new PriorityAdjustment(own.Key, own.Value!.Value)))
                    .OrderBy(each => each.Name, StringComparer.Ordinal),
            ],
        });
    }

    /// <summary>A destination gets nothing any more; what runs there goes on to its end.</summary>
    /// <param name="destination">The destination.</param>
    public static PolicyEdit Drain(string destination) => new((policy, present) => present.WithDrained(policy.Configured, destination, true));

    /// <summary>A drained destination is given permits again.</summary>
    /// <param name="destination">The destination.</param>
    public static PolicyEdit Undrain(string destination) => new((policy, present) => present.WithDrained(policy.Configured, destination, false));

    /// <summary>Another limit of a destination.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="permits">0 to 1,000,000; null for what is configured.</param>
    public static PolicyEdit DestinationLimit(string destination, int? permits) => new((policy, present) => present.WithLimit(policy.Configured, destination, permits));

    /// <summary>The whole adjustment that this makes of the present one.</summary>
    internal PolicyAdjustment Apply(PolicyDescription policy) => _apply(policy);
}
