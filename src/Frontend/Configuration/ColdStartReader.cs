using Admission.Capacity;
using Admission.Grains.Configuration;

namespace Admission.Frontend.Configuration;

/// <summary>
/// Reads <c>Queue:ColdStart</c>: the bounds of the queue while a backend whose destinations come from DNS has none. Requests wait for the first one to start then, which takes
/// another time than to wait for one's turn.
/// </summary>
internal static class ColdStartReader
{
    /// <summary>Reads the section; where the backend has no destination it takes the place of the queue's own bounds.</summary>
    /// <param name="section">The section; mistakes go to its errors.</param>
    /// <param name="policy">The policy as it is with destinations.</param>
    /// <param name="hasNone">The backend has no destination at present.</param>
    public static BackendPolicy Apply(SectionReader section, BackendPolicy policy, bool hasNone)
    {
        // Whoever waits when the first destination comes is then in the queue itself, which must have room for all of them.
        var capacity = section.Has("Capacity") ? section.Count("Capacity", 1, 1, Math.Max(policy.QueueCapacity, 1)) : policy.QueueCapacity;
        var wait = section.Has("MaxWait") ? section.Duration("MaxWait", policy.MaxWait, TimeSpan.FromMilliseconds(1), TimeSpan.FromHours(1)) : policy.MaxWait;
        if (policy.Overflow != Overflow.Wait && (section.Has("Capacity") || section.Has("MaxWait")))
        {
            section.Error("", "nobody waits by this policy, so nobody waits for the first destination either. Give Overflow: Wait.");
        }

        section.RefuseTheRest();
        return hasNone ? policy with { QueueCapacity = capacity, MaxWait = wait } : policy;
    }
}
