namespace Admission.Grains.Cluster;

/// <summary>Waits until the database answers and the cluster's keys are known.</summary>
internal sealed class KeysPreparation(ClusterKeys keys, ClusterDatabase database) : IClusterPreparation
{
    /// <inheritdoc/>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        await using (await database.OpenAsync(cancellation))
        {
            // A configured secret needs no database, but the engine does.
        }

        _ = await keys.GetAsync(cancellation);
    }
}
