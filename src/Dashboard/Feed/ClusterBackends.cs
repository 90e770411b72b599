using Admission.Capacity;
using Admission.Grains.Cluster;
using Dapper;

namespace Admission.Dashboard.Feed;

/// <summary>The backends of a cluster as its database has them: all that a ledger has ever been activated for. One that was removed from the gateways' configuration stays in it, and is shown without holders.</summary>
internal sealed class ClusterBackends(ClusterDatabase database, ClusterSettings settings) : IBackendDirectory
{
    /// <summary>More than are shown, so that how many are left out can be told.</summary>
    private const int Most = 50_000;

    private const string Read = "SELECT backend FROM admission_epoch WHERE service_id = @ServiceId ORDER BY backend LIMIT @Most";

    /// <inheritdoc/>
    public async Task<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellation)
    {
        await using var connection = await database.OpenAsync(cancellation);
        var found = await connection.QueryAsync<string>(new CommandDefinition(Read, new { settings.ServiceId, Most }, cancellationToken: cancellation));
        return found.Where(static backend => !CapacityGrainKey.IsShadow(backend)).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }
}
