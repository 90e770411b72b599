using System.Globalization;

namespace Admission.Capacity;

/// <summary>A policy with what an operator has changed of it.</summary>
/// <remarks>
/// What of an adjustment does not fit the policy is left out, and told in <see cref="Mistakes"/>. A new adjustment with a mistake is refused whole. One that was accepted may come not to fit when the configuration
/// changes under it; then the rest of it holds on. Bounds of a limit that finds itself give way to a limit that was lowered, as far as the operator has not given them too.
/// </remarks>
public sealed class AdjustedPolicy
{
    private readonly List<string> _mistakes = [];

    /// <summary>Puts an adjustment on a policy.</summary>
    /// <param name="configured">What is configured; without mistakes.</param>
    /// <param name="adjustment">What the operator has changed; null for nothing.</param>
    public AdjustedPolicy(BackendPolicy configured, PolicyAdjustment? adjustment)
    {
        ArgumentNullException.ThrowIfNull(configured);
        Configured = configured;
        Adjustment = adjustment is null or { IsEmpty: true } ? null : adjustment;
        InForce = Adjustment is null ? configured : Adjust(configured, Adjustment);
    }

    /// <summary>What is configured.</summary>
    public BackendPolicy Configured { get; }

    /// <summary>What the operator has changed; null for nothing.</summary>
    public PolicyAdjustment? Adjustment { get; }

    /// <summary>Both together. The pause is not in it, because what is paused keeps its limit: <see cref="IsPaused"/>.</summary>
    public BackendPolicy InForce { get; }

    /// <summary>The operator has paused the backend.</summary>
    public bool IsPaused => Adjustment is { Paused: true };

    /// <summary>What does not fit and was left out, each beginning with the setting's name in the admin API.</summary>
    public IReadOnlyList<string> Mistakes => _mistakes;

    private BackendPolicy Adjust(BackendPolicy configured, PolicyAdjustment adjustment)
    {
        var policy = configured with { Adaptive = null };
        if (adjustment.QueueCapacity is { } places)
        {
            if (configured.Overflow != Overflow.Wait)
            {
                _mistakes.Add("queueCapacity: the policy refuses at once (Overflow: Refuse), so there is no queue. Change Overflow in the configuration.");
            }
            else
            {
                policy = Unless("queueCapacity", policy, policy with { QueueCapacity = places });
            }
        }

        if (adjustment.Limit is { } limit)
        {
            policy = Unless("limit", policy, policy with { Limit = limit });
        }

        policy = AdjustDestinations(policy, adjustment.Destinations);
        policy = AdjustPriorities(policy, adjustment.Priorities);
        var served = Drain(policy, adjustment.Destinations);
        return served with { Adaptive = AdjustAdaptive(configured.Adaptive, policy.TotalLimit, served.TotalLimit, adjustment.AdaptiveMin) };
    }

    private BackendPolicy AdjustDestinations(BackendPolicy policy, DestinationAdjustment[] adjustments)
    {
        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var adjustment in adjustments)
        {
            var field = $"destinations.{adjustment.Destination}";
            var at = Array.FindIndex(policy.Destinations, known => IsFor(adjustment, known));
            if (at < 0)
            {
                _mistakes.Add(policy.Destinations.Length == 0
                    ? $"{field}: the policy gives its destinations no limits, so nothing can be changed for one of them. Configure DestinationLimit."
                    : $"{field}: the policy has no such destination. It has {string.Join(", ", policy.Destinations.Take(20).Select(known => known.Destination))}.");
            }
            else if (!names.Add(adjustment.Destination))
            {
                _mistakes.Add($"{field}: given twice. Give each destination once.");
            }
            else
            {
                var (name, configured) = policy.Destinations[at];
                DestinationLimit[] limits = [.. policy.Destinations];
                limits[at] = new DestinationLimit(name, adjustment.Limit ?? configured);
                policy = Unless($"{field}.limit", policy, policy with { Destinations = limits });
            }
        }

        return policy;
    }

    private static BackendPolicy Drain(BackendPolicy policy, DestinationAdjustment[] adjustments) => !adjustments.Any(adjustment => adjustment.IsDrained) ? policy : policy with
    {
        Destinations =
        [
            .. policy.Destinations.Select(known => adjustments.Any(adjustment => adjustment.IsDrained && IsFor(adjustment, known)) ? known with { Limit = 0 } : known),
        ],
    };

    private static bool IsFor(DestinationAdjustment adjustment, DestinationLimit known) => string.Equals(known.Destination, adjustment.Destination, StringComparison.OrdinalIgnoreCase);

    private BackendPolicy AdjustPriorities(BackendPolicy policy, PriorityAdjustment[] adjustments)
    {
        if (adjustments.Length == 0)
        {
            return policy;
        }

        var order = policy.Order ?? QueueOrder.Default;
        QueueLevel[] levels = [.. order.Named()];
        foreach (var (name, share) in adjustments)
        {
            var at = Array.FindIndex(levels, level => string.Equals(level.Name, name, StringComparison.OrdinalIgnoreCase));
            if (at < 0)
            {
                _mistakes.Add($"priorities.{name}: the policy has no such priority. It has {string.Join(", ", levels.Select(level => level.Name))}.");
            }
            else if (share is < 0 or > 100)
            {
                BackendPolicyRules.CheckCount(_mistakes, $"priorities.{name}.share", share, 0, 100);
            }
            else
            {
                levels[at] = levels[at] with { Share = share };
            }
        }

        return Unless("priorities", policy, policy with { Order = order with { Levels = levels } });
    }

    private AdaptiveLimit? AdjustAdaptive(AdaptiveLimit? configured, int most, int served, int? min)
    {
        if (configured is null)
        {
            if (min is not null)
            {
                _mistakes.Add("adaptiveMin: the limit does not find itself. Configure Limit:Adaptive.");
            }

            return null;
        }

        most = Math.Max(1, most);
        if (min < 1 || min > most)
        {
            _mistakes.Add(string.Create(CultureInfo.InvariantCulture, $"adaptiveMin: {min} is not possible. Give a whole number from 1 to {most}, where the limit's maximum is."));
            min = null;
        }

        // Where a limit was lowered, or a destination is drained, less may be left than what is configured as the least.
        var least = Math.Min(min ?? configured.Min, Math.Max(1, served));
        return configured with { Min = least, Initial = configured.Initial is { } initial ? Math.Clamp(initial, least, Math.Max(1, served)) : null };
    }

    /// <summary>The changed policy, unless it has a mistake that the former has not.</summary>
    private BackendPolicy Unless(string field, BackendPolicy former, BackendPolicy changed)
    {
        var errors = BackendPolicyRules.Validate(changed);
        foreach (var error in errors)
        {
            _mistakes.Add($"{field}: {error[(error.IndexOf(": ", StringComparison.Ordinal) + 2)..]}");
        }

        return errors.Count > 0 ? former : changed;
    }
}
