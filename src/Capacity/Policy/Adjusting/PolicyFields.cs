using System.Globalization;

namespace Admission.Capacity;

/// <summary>Tells in words what has changed between two policies.</summary>
internal static class PolicyFields
{
    private const int LongestText = 100;

    /// <summary>Describes a change.</summary>
    /// <param name="before">What was in force; null for nothing.</param>
    /// <param name="after">What is.</param>
    /// <param name="version">The policy's version from then on.</param>
    /// <param name="at">When.</param>
    /// <param name="by">Who; null for the configuration.</param>
    public static PolicyChange Change(AdjustedPolicy? before, AdjustedPolicy after, long version, DateTimeOffset? at, string? by)
    {
        var fields = Between(before is null ? [] : Of(before), Of(after));
        if (before is not null && !before.Configured.Matches(after.Configured))
        {
            // What an operator has changed hides what changes below it.
            var told = fields.Select(field => field.Field).ToHashSet(StringComparer.Ordinal);
            fields.AddRange(Between(Of(before.Configured), Of(after.Configured))
                .Where(field => !told.Contains(field.Field))
                .Select(field => field with { Field = Shorten($"{field.Field} (configured)")! }));
        }

        if (fields.Count == 0)
        {
            fields.Add(new FieldChange("other settings", null, null));
        }

        return new PolicyChange
        {
            Version = version,
            At = at,
            By = Shorten(by),
            Fields = [.. fields.Take(PolicyChange.MostFields)],
            More = Math.Max(0, fields.Count - PolicyChange.MostFields),
        };
    }

    private static List<FieldChange> Between(Dictionary<string, string> before, Dictionary<string, string> after)
    {
        var changes = new List<FieldChange>();
        foreach (var field in before.Keys.Concat(after.Keys).Distinct(StringComparer.Ordinal))
        {
            var (from, to) = (before.GetValueOrDefault(field), after.GetValueOrDefault(field));
            if (!string.Equals(from, to, StringComparison.Ordinal))
            {
                // A flag that is not told is not set.
                (from, to) = (from ?? NotSet(to), to ?? NotSet(from));
                changes.Add(new FieldChange(Shorten(field)!, Shorten(from), Shorten(to)));
            }
        }

        return changes;
    }

    private static Dictionary<string, string> Of(AdjustedPolicy policy)
    {
        var fields = Of(policy.InForce);
        if (policy.IsPaused)
        {
            fields["paused"] = "true";
        }

        foreach (var destination in policy.Adjustment?.Destinations ?? [])
        {
            // Its limit in force is 0; the one that it has again after the drain is told.
            if (destination.IsDrained && fields.ContainsKey($"destinations.{destination.Destination}.limit"))
            {
                fields[$"destinations.{destination.Destination}.drained"] = "true";
                var configured = Array.Find(policy.Configured.Destinations, known => string.Equals(known.Destination, destination.Destination, StringComparison.OrdinalIgnoreCase)).Limit;
                fields[$"destinations.{destination.Destination}.limit"] = Text(destination.Limit ?? configured);
            }
        }

        return fields;
    }

    private static Dictionary<string, string> Of(BackendPolicy policy)
    {
        var fields = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["limit"] = Text(policy.TotalLimit),
            ["overflow"] = policy.Overflow.ToString(),
            ["leaseTtl"] = Text(policy.LeaseTtl),
            ["runTimeout"] = Text(policy.RunTimeout),
            ["quarantine"] = Text(policy.EffectiveQuarantine),
            ["stopsWhenAbandoned"] = policy.StopsWhenAbandoned ? "true" : "false",
            ["onLeaseLost"] = policy.OnLeaseLost.ToString(),
            ["ejection"] = policy.Ejection.Enabled
                ? $"after {Text(policy.Ejection.Failures)} failures, for {Text(policy.Ejection.ShortestPause)} to {Text(policy.Ejection.LongestPause)}" : "off",
            ["slowStart"] = policy.SlowStart is { } slowStart ? Text(slowStart) : "default",
            ["explainWaitsOver"] = Text(policy.ExplainWaitsOver),
        };
        foreach (var (name, limit) in policy.Destinations)
        {
            fields[$"destinations.{name}.limit"] = Text(limit);
        }

        if (policy.Adaptive is { } adaptive)
        {
            fields["adaptiveMin"] = Text(adaptive.Min);
            fields["adaptiveInitial"] = Text(adaptive.Initial ?? adaptive.Min);
            fields["algorithm"] = adaptive.Algorithm.ToString();
        }

        if (policy.Overflow == Overflow.Wait)
        {
            AddQueue(fields, policy);
        }

        if (policy.Order is { } order)
        {
            AddOrder(fields, order);
        }

        return fields;
    }

    private static string? NotSet(string? other) => other is "true" ? "false" : null;

    private static void AddQueue(Dictionary<string, string> fields, BackendPolicy policy)
    {
        fields["queueCapacity"] = Text(policy.QueueCapacity);
        fields["maxWait"] = Text(policy.MaxWait);
        fields["patience"] = policy.IgnoresPatience ? "Off" : "Learn";
        fields["discipline"] = policy.Discipline.ToString();
        fields["target"] = Text(policy.DelayTarget);
        fields["interval"] = Text(policy.DelayInterval);
    }

    private static void AddOrder(Dictionary<string, string> fields, QueueOrder order)
    {
        foreach (var level in order.Named())
        {
            if (level.Share > 0)
            {
                fields[$"priorities.{level.Name}.share"] = Text(level.Share);
            }
        }

        fields["priorities"] = string.Join(", ", order.Named().ToArray().Select(level => $"{level.Name} {Text(level.Priority)}"));
        fields["tenants"] = string.Join(", ", order.Tenants.Select(rule => $"{rule.Tenant} weight {Text(rule.Weight)}{(rule.Cap is { } own ? $" cap {Text(own)}" : "")}"));
        if (order.TenantCap is { } cap)
        {
            fields["tenantCap"] = Text(cap);
        }

        if (order.TenantBurst is { } burst)
        {
            fields["tenantBurst"] = Text(burst);
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Text(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds} s");

    private static string? Shorten(string? text) => text is { Length: > LongestText } ? text[..(LongestText - 3)] + "..." : text;
}
