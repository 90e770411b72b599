using Admission.Capacity;
using Admission.Client;
using Admission.Dashboard.Feed.Ledgers;
using Admission.Grains.Cluster;
using Admission.Grains.Hosting;

namespace Admission.Dashboard.Feed.Pages;

/// <summary>Finds out what the cluster's page shows: the silos from the cluster's database, and the holders from all ledgers, 16 at the same time.</summary>
internal sealed class ClusterRounds(
    LedgerRounds ledgers, IGrainFactory grains, AdmissionClient? client, ClusterSettings? settings, SiloDirectory? silos, FaultLog faults, TimeProvider time)
{
    private const int AtOnce = 16;
    private const int MostHolders = 500;
    private const int MostNamed = 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    private readonly DateTimeOffset _started = ProcessFacts.Started;

    /// <summary>One round.</summary>
    public async Task<ClusterPage> RoundAsync(CancellationToken cancellation)
    {
        List<string> lacks = ["The version of other processes: none tells it to others."];
        var (views, _, problem) = await ledgers.AskAllAsync(cancellation);
        if (problem is not null)
        {
            lacks.Add(problem);
        }

        var silosRead = ReadSilosAsync(views, lacks, cancellation);
        var (holders, unreachable) = await HoldersAsync(views, cancellation);
        if (unreachable.Count > 0)
        {
            lacks.Add($"The holders of backends whose ledgers do not answer: {string.Join(", ", unreachable.Take(MostNamed))}{(unreachable.Count > MostNamed ? $" and {unreachable.Count - MostNamed} more" : "")}.");
        }

        var here = VersionView.Of(typeof(ClusterRounds).Assembly);
        return new ClusterPage(
            time.GetUtcNow(), settings is null ? "embedded" : "cluster", settings?.ClusterId, here.Engine,
            new ProcessRow(client?.Holder ?? Environment.MachineName, Environment.MachineName, Environment.ProcessId, here.Version, _started),
            await silosRead, Processes(holders),
            [.. views.SelectMany(view => view.Faults()).Concat(faults.Read()).OrderByDescending(fault => fault.At).Take(FaultLog.Most)], lacks);
    }

    private async Task<IReadOnlyList<SiloPage>> ReadSilosAsync(IReadOnlyList<LedgerView> views, List<string> lacks, CancellationToken cancellation)
    {
        if (silos is null)
        {
            return [new SiloPage("this process", Environment.MachineName, null, "active", time.GetUtcNow() - _started, TimeSpan.Zero, views.Count(view => view.Glance is not null), null)];
        }

        try
        {
            return
            [
                .. (await silos.ReadAsync(cancellation).WaitAsync(Patience, time, cancellation)).Select(row => new SiloPage(
                    row.Name, row.Host, row.Address, row.State, TimeSpan.FromSeconds(row.UpFor), TimeSpan.FromSeconds(row.Silent), row.Ledgers,
                    row.AuthorityAge is { } age ? TimeSpan.FromSeconds(age) : null)),
            ];
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            lacks.Add($"The silos: the cluster's database does not tell them. {exception.Message}");
            return [];
        }
    }

    private IReadOnlyList<ProcessHolds> Processes(IEnumerable<HolderDescription> holders) =>
    [
        .. holders.GroupBy(holder => HolderNames.ProcessOf(holder.Holder), StringComparer.Ordinal).OrderBy(process => process.Key, StringComparer.Ordinal).Take(MostHolders).Select(process => new ProcessHolds(
            process.Key, string.Equals(process.Key, client?.Holder, StringComparison.Ordinal), process.Count(), process.Sum(holder => holder.Booked), process.Sum(holder => holder.InUse),
            process.Sum(holder => holder.Queued), process.Min(holder => holder.LeaseLeft))),
    ];

    private async Task<(List<HolderDescription> Holders, List<string> Unreachable)> HoldersAsync(IReadOnlyList<LedgerView> views, CancellationToken cancellation)
    {
        var (holders, unreachable, gate) = (new List<HolderDescription>(), new List<string>(), new Lock());
        await Parallel.ForEachAsync(views, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (view, token) =>
        {
            BackendDescription? described = null;
            if (view is { Answers: true, Glance.Holders: > 0 })
            {
                try
                {
                    described = await grains.GetGrain<ICapacityGrain>(view.Key).DescribeAsync().WaitAsync(Patience, time, token);
                }
                catch (Exception) when (!token.IsCancellationRequested)
                {
                    // Told as unreachable.
                }
            }

            lock (gate)
            {
                if (described is not null)
                {
                    holders.AddRange(described.Holders);
                }
                else if (view is not { Answers: true, Glance.Holders: 0 })
                {
                    unreachable.Add(view.Id);
                }
            }
        });
        return (holders, unreachable);
    }
}
