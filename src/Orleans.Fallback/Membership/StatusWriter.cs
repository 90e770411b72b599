using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>Changes rows of the membership table, each change decided on what the table has at that moment, and tells the other silos.</summary>
internal sealed class StatusWriter(LocalSilo local, IMemberTable table, TableReader reader, Lazy<ISiloProbe> probe, TimeProvider time)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Changes a row, again and again until no other writer comes between.</summary>
    /// <param name="silo">Whose.</param>
    /// <param name="change">Makes the new row from the present one, or null where nothing is to be done; asked again after a conflict.</param>
    /// <param name="cancellation">Gives up; must have a bound.</param>
    /// <returns>The row that was written; null where nothing was.</returns>
    /// <exception cref="Exception">The table cannot be reached.</exception>
    public async Task<MemberRow?> ChangeAsync(SiloAddress silo, Func<MemberRow, TableSnapshot, MemberRow?> change, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var snapshot = await ReadAsync(cancellation);
            if (snapshot.Find(silo) is not { } row || change(row, snapshot) is not { } changed)
            {
                return null;
            }

            if (await table.UpdateAsync(changed, snapshot.Version, cancellation))
            {
                await AnnounceAsync();
                return changed;
            }

            await PauseAsync(attempt, cancellation);
        }
    }

    /// <summary>Adds a row, again and again until no other writer comes between.</summary>
    /// <param name="row">The row.</param>
    /// <param name="isThere">Looks at the table first, each time: whether the row is there already. Throws where it must not be added.</param>
    /// <param name="cancellation">Gives up; must have a bound.</param>
    public async Task AddAsync(MemberRow row, Func<TableSnapshot, bool> isThere, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
        {
            var snapshot = await ReadAsync(cancellation);
            if (isThere(snapshot) || await table.InsertAsync(row, snapshot.Version, cancellation))
            {
                await AnnounceAsync();
                return;
            }

            await PauseAsync(attempt, cancellation);
        }
    }

    private async Task<TableSnapshot> ReadAsync(CancellationToken cancellation)
    {
        var snapshot = await table.ReadAsync(cancellation);
        reader.Reached();
        return snapshot;
    }

    private async Task AnnounceAsync()
    {
        _ = await reader.LookAsync();
        foreach (var row in reader.Latest?.Rows ?? [])
        {
            if (row.Status != SiloStatus.Dead && !row.Address.Equals(local.Address))
            {
                probe.Value.TellChanged(row.Address);
            }
        }
    }

    // Silos that collide wait differently, so that they do not collide again.
    private Task PauseAsync(int attempt, CancellationToken cancellation)
    {
        var milliseconds = Math.Min(LongestPause.TotalMilliseconds, attempt * (2 + ((uint)local.Address.Endpoint.GetHashCode() % 16)));
        return Task.Delay(TimeSpan.FromMilliseconds(milliseconds), time, cancellation);
    }
}
