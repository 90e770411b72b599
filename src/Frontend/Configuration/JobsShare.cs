using Admission.Capacity;
using Admission.Jobs;

namespace Admission.Frontend.Configuration;

/// <summary>A guaranteed share for jobs: in strict order a backend that live requests keep full would never run one, and what was answered 202 is to be done.</summary>
internal static class JobsShare
{
    /// <summary>Percent that jobs get where the policy lists no priorities of its own.</summary>
    public const int Default = 5;

    /// <summary>The name of the jobs' priority where it has none.</summary>
    private const string Name = "jobs";

    /// <summary>Gives the jobs' priority its share. A policy that lists priorities says itself what each gets; 0 is a wish, too.</summary>
    /// <param name="policy">The backend's policy.</param>
    /// <param name="jobs">What becomes of its jobs; null for none.</param>
    public static BackendPolicy Apply(BackendPolicy policy, JobPolicy? jobs)
    {
        var order = policy.Order ?? QueueOrder.Default;
        if (jobs is null || order.Levels.Length > 0)
        {
            return policy;
        }

        List<QueueLevel> levels = [.. order.Named()];
        var found = levels.FindIndex(level => level.Priority == jobs.Priority);
        if (found >= 0)
        {
            levels[found] = levels[found] with { Share = Default };
        }
        else
        {
            levels.Add(new QueueLevel(Name, jobs.Priority, Default));
        }

        return policy with { Order = order with { Levels = [.. levels] } };
    }
}
