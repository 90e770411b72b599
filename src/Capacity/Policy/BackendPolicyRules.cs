using System.Globalization;

namespace Admission.Capacity;

/// <summary>The bounds of a <see cref="BackendPolicy"/>. Every mistake is found at once, named by its property.</summary>
public static class BackendPolicyRules
{
    /// <summary>The most permits a limit may give.</summary>
    public const int LargestLimit = 1_000_000;

    /// <summary>The most tickets a queue may hold.</summary>
    public const int LargestQueue = 100_000;

    /// <summary>The most destinations a backend may have.</summary>
    public const int MostDestinations = 1_000;

    private static readonly (TimeSpan Least, TimeSpan Most) MaxWaitBounds = (TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1));
    private static readonly (TimeSpan Least, TimeSpan Most) LeaseTtlBounds = (TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
    private static readonly (TimeSpan Least, TimeSpan Most) RunTimeoutBounds = (TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(24));
    private static readonly (TimeSpan Least, TimeSpan Most) QuarantineBounds = (TimeSpan.Zero, TimeSpan.FromHours(24));

    private static readonly (TimeSpan Least, TimeSpan Most) ShortestPauseBounds = (TimeSpan.FromMilliseconds(10), TimeSpan.FromHours(1));
    private static readonly (TimeSpan Least, TimeSpan Most) ExplainWaitsBounds = (TimeSpan.Zero, TimeSpan.FromHours(1));
    private static readonly (TimeSpan Least, TimeSpan Most) SlowStartBounds = (TimeSpan.Zero, TimeSpan.FromHours(1));

    /// <summary>Lists what is wrong with a policy, each line starting with the property's name.</summary>
    /// <param name="policy">The policy.</param>
    /// <returns>Empty when nothing is wrong.</returns>
    public static IReadOnlyList<string> Validate(BackendPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        var errors = new List<string>();
        if (policy.Limit is null && policy.Destinations.Length == 0)
        {
            errors.Add("Limit: missing. Give the number of requests that the backend can serve at once, or a limit for each destination.");
        }

        if (policy.Limit is { } limit)
        {
            CheckCount(errors, "Limit", limit, 0, LargestLimit);
        }

        CheckDestinations(errors, policy.Destinations);
        AdaptiveLimitRules.Check(errors, policy);
        CheckChoice(errors, "Overflow", policy.Overflow);
        CheckChoice(errors, "OnLeaseLost", policy.OnLeaseLost);
        if (policy.Overflow == Overflow.Wait)
        {
            CheckCount(errors, "QueueCapacity", policy.QueueCapacity, 1, LargestQueue);
            CheckTime(errors, "MaxWait", policy.MaxWait, MaxWaitBounds);
            CheckDiscipline(errors, policy);
        }

        CheckTime(errors, "LeaseTtl", policy.LeaseTtl, LeaseTtlBounds);
        CheckTime(errors, "RunTimeout", policy.RunTimeout, RunTimeoutBounds);
        if (policy.Quarantine is { } quarantine)
        {
            CheckTime(errors, "Quarantine", quarantine, QuarantineBounds);
        }

        if (policy.Order is { } order)
        {
            QueueOrderRules.Validate(order, errors);
        }

        CheckEjection(errors, policy.Ejection);
        if (policy.SlowStart is { } slowStart)
        {
            CheckTime(errors, "SlowStart", slowStart, SlowStartBounds);
        }

        CheckTime(errors, "ExplainWaitsOver", policy.ExplainWaitsOver, ExplainWaitsBounds);
        return errors;
    }

    private static void CheckDiscipline(List<string> errors, BackendPolicy policy)
    {
        if (policy.Discipline is QueueDiscipline.None or QueueDiscipline.Fifo)
        {
            return;
        }

        CheckChoice(errors, "Discipline", policy.Discipline);
        CheckTime(errors, "DelayTarget", policy.DelayTarget, MaxWaitBounds);
        CheckTime(errors, "DelayInterval", policy.DelayInterval, MaxWaitBounds);
        if (policy.Discipline == QueueDiscipline.CoDel && policy.DelayInterval < policy.DelayTarget)
        {
            errors.Add($"DelayInterval: {policy.DelayInterval:c} is less than the target, {policy.DelayTarget:c}. Give at least as much; the usual is 20 times the target.");
        }
    }

    private static void CheckEjection(List<string> errors, EjectionPolicy ejection)
    {
        CheckCount(errors, "Ejection:Failures", ejection.Failures, 1, 1_000);
        CheckTime(errors, "Ejection:ShortestPause", ejection.ShortestPause, ShortestPauseBounds);
        CheckTime(errors, "Ejection:LongestPause", ejection.LongestPause, (ejection.ShortestPause, TimeSpan.FromHours(24)));
    }

    private static void CheckDestinations(List<string> errors, DestinationLimit[] destinations)
    {
        if (destinations.Length > MostDestinations)
        {
            errors.Add($"Destinations: {destinations.Length} are given, at most {MostDestinations} are possible. Split the backend.");
        }

        var names = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var destination in destinations)
        {
            if (string.IsNullOrWhiteSpace(destination.Destination))
            {
                errors.Add("Destinations: a destination has no name. Name each as YARP does.");
            }
            else if (!names.Add(destination.Destination))
            {
                errors.Add($"Destinations: '{destination.Destination}' is given twice. Give each destination one limit.");
            }

            CheckCount(errors, $"Destinations:{destination.Destination}:Limit", destination.Limit, 0, LargestLimit);
        }
    }

    internal static void CheckCount(List<string> errors, string name, int value, int least, int most)
    {
        if (value < least || value > most)
        {
            errors.Add(string.Create(CultureInfo.InvariantCulture, $"{name}: {value} is not possible. Give a whole number from {least} to {most}."));
        }
    }

    private static void CheckTime(List<string> errors, string name, TimeSpan value, (TimeSpan Least, TimeSpan Most) bounds)
    {
        if (value < bounds.Least || value > bounds.Most)
        {
            errors.Add($"{name}: {value:c} is not possible. Give a duration from {bounds.Least:c} to {bounds.Most:c}.");
        }
    }

    private static void CheckChoice<T>(List<string> errors, string name, T value)
        where T : struct, Enum
    {
        if (!Enum.IsDefined(value) || EqualityComparer<T>.Default.Equals(value, default))
        {
            var choices = string.Join(", ", Enum.GetNames<T>().Where(choice => choice != "None"));
            errors.Add($"{name}: '{value}' is not possible. Choose one of {choices}.");
        }
    }
}
