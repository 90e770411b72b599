using System.Globalization;
using Admission.Capacity;

namespace Admission.Frontend.Classification;

/// <summary>The names of priorities: what a route, a header or a claim may say.</summary>
internal static class PriorityNames
{
    /// <summary>Reads a name or a number.</summary>
    /// <param name="policy">The backend's policy.</param>
    /// <param name="text">A name, in any letter case, or a number.</param>
    /// <param name="priority">0 (served first) to 99.</param>
    /// <returns>False for one that the backend does not know.</returns>
    public static bool TryParse(BackendPolicy policy, ReadOnlySpan<char> text, out int priority)
    {
        if (Of(policy).PriorityOf(text) is { } named)
        {
            priority = named;
            return true;
        }

        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out priority) && priority <= Priorities.Lowest;
    }

    /// <summary>What is accepted, for messages.</summary>
    public static string Accepted(BackendPolicy policy)
    {
        var names = string.Join(", ", Of(policy).Named().ToArray().Select(level => level.Name));
        return $"{names}, or a whole number from {Priorities.Critical} to {Priorities.Lowest}";
    }

    private static QueueOrder Of(BackendPolicy policy)
    {
        ArgumentNullException.ThrowIfNull(policy);
        return policy.Order ?? QueueOrder.Default;
    }
}
