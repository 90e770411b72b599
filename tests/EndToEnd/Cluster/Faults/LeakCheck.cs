using System.Collections.Concurrent;
using Admission.EndToEnd.Cluster.Load;
using Admission.EndToEnd.Cluster.Processes;

namespace Admission.EndToEnd.Cluster.Faults;

/// <summary>After the last fault, and without load: every permit is free, and all of the limit can be used again.</summary>
/// <remarks>
/// A ledger whose predecessor was killed and had a life that never reports again grants what that life had only when the predecessor's authority, the lease and the quarantine
/// have run out (docs/operations.md). So long it says that it is recovering; what comes after that is a leak.
/// </remarks>
internal static class LeakCheck
{
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Filling = TimeSpan.FromSeconds(3);
    private const int Fillings = 4;

    /// <summary>What is missing, in words; empty when nothing is.</summary>
    public static async Task<IReadOnlyList<string>> FindAsync(ClusterUnderTest cluster)
    {
        await WaitForRecoveryAsync(cluster);
        var booked = await Task.WhenAll(cluster.Backends.Select(backend => BookedAsync(cluster, backend)));
        return [.. booked.OfType<string>(), .. await UnusableAsync(cluster)];
    }

    private static async Task WaitForRecoveryAsync(ClusterUnderTest cluster)
    {
        var (begun, recovering) = (Clock.Now, "");
        await Until.TrueAsync(
            async () =>
            {
                await Task.Delay(100);
                var states = await Task.WhenAll(cluster.Backends.Select(async backend => (backend.Plan.Id, State: await backend.DescribeAsync(cluster.Balancer.Frontends))));
                recovering = string.Join(", ", states.Where(each => each.State is not { Status: "granting" }).Select(each => $"{each.Id} is {each.State?.Status}"));
                return recovering == "";
            },
            cluster.Plan.AuthorityTtl + cluster.Plan.UntilPermitsAreBack + Margin,
            () => recovering);
        cluster.Log.Note($"Every ledger grants, {Clock.Since(begun).TotalSeconds:F1} s after the load");
    }

    private static async Task<string?> BookedAsync(ClusterUnderTest cluster, BackendUnderTest backend)
    {
        BackendState? state = null;
        try
        {
            await Until.TrueAsync(
                async () =>
                {
                    await Task.Delay(100);
                    state = await backend.DescribeAsync(cluster.Balancer.Frontends);
                    return state is { InUse: 0, Quarantined: 0, Queued: 0 };
                },
                cluster.Plan.UntilPermitsAreBack + Margin,
                () => "");
            return null;
        }
        catch (TimeoutException)
        {
            return $"{backend.Plan.Id}: {state} without any load";
        }
    }

    private static async Task<IReadOnlyList<string>> UnusableAsync(ClusterUnderTest cluster)
    {
        var from = Clock.Now;
        var unusable = new ConcurrentDictionary<string, string>();
        for (var filling = 0; filling < Fillings; filling++)
        {
            var load = new SteadyLoad([.. cluster.Plan.Backends.Select(plan => plan with { Work = new(800, 1000, 1000, 0) })], cluster.Balancer, filling)
            {
                Prefix = $"fill{filling}.", VisitorsPerSecond = 1, Clients = (1.5, 4),
            };
            await using (load)
            {
                load.Start();
                await Task.Delay(Filling);
            }

            unusable.Clear();
            foreach (var backend in cluster.Backends)
            {
                var greatest = backend.Process.Journal.Greatest(from);
                if (greatest < backend.Limits.Current)
                {
                    unusable[backend.Plan.Id] = $"{backend.Plan.Id}: at most {greatest} of {backend.Limits.Current} permits could be used at once";
                }
            }

            if (unusable.IsEmpty)
            {
                break;
            }
        }

        return [.. unusable.Values];
    }
}
