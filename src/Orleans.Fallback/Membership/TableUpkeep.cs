using Orleans.Configuration;
using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>What a silo does in the table again and again: its heartbeat, looking at the others, removing the dead.</summary>
internal sealed class TableUpkeep(LocalSilo local, IMemberTable table, TableReader reader, ClusterMembershipOptions options, TimeProvider time)
{
    /// <summary>How many dead silos the table keeps, however short ago they died.</summary>
    public const int MostDead = 100;

    /// <summary>Writes heartbeats until cancelled. While the table cannot be reached, it tries as often as probes are sent.</summary>
    public async Task BeatAsync(CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await table.WriteAliveAsync(local.Address, time.GetUtcNow().UtcDateTime, cancellation);
                reader.Reached();
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                reader.Missed(exception);
            }

            await PauseAsync(options.IAmAliveTablePublishTimeout, cancellation);
            _ = await reader.LookAsync().WaitAsync(cancellation);
        }
    }

    /// <summary>Looks at the table until cancelled.</summary>
    public async Task RefreshAsync(CancellationToken cancellation)
    {
        while (true)
        {
            await PauseAsync(options.TableRefreshTimeout, cancellation);
            _ = await reader.LookAsync().WaitAsync(cancellation);
        }
    }

    /// <summary>Removes dead silos until cancelled; of all silos only the first does it.</summary>
    public async Task CleanAsync(CancellationToken cancellation)
    {
        while (options.DefunctSiloCleanupPeriod is { } period)
        {
            await Task.Delay(period, time, cancellation);
            if (reader.Latest is { } snapshot && IsFirst(snapshot))
            {
                try
                {
                    await table.RemoveDeadAsync(OldestToKeep(snapshot), cancellation);
                }
                catch (Exception exception) when (!cancellation.IsCancellationRequested)
                {
                    reader.Missed(exception);
                }
            }
        }
    }

    private bool IsFirst(TableSnapshot snapshot) =>
        snapshot.Rows.Where(row => row.Status == SiloStatus.Active).Select(row => row.Address).Min() is { } first && first.Equals(local.Address);

    private DateTime OldestToKeep(TableSnapshot snapshot)
    {
        var expired = time.GetUtcNow().UtcDateTime - options.DefunctSiloExpiration;
        var surplus = snapshot.Rows
            .Where(row => row.Status == SiloStatus.Dead)
            .Select(row => row.IAmAliveTime > row.StartTime ? row.IAmAliveTime : row.StartTime)
            .OrderDescending()
            .Skip(MostDead - 1)
            .FirstOrDefault();
        return surplus > expired ? surplus : expired;
    }

    private Task PauseAsync(TimeSpan period, CancellationToken cancellation) =>
        Task.Delay(reader.IsMissing && options.ProbeTimeout < period ? options.ProbeTimeout : period, time, cancellation);
}
