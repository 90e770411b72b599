namespace Admission.Grains.Cluster;

/// <summary>Something that has to be done before the engine can start; tried again until it works.</summary>
internal interface IClusterPreparation
{
    /// <summary>Does it, or finds that it has been done.</summary>
    /// <exception cref="ClusterNotReadyException">Something is not there yet.</exception>
    /// <exception cref="System.Data.Common.DbException">The database cannot be asked; it is tried again.</exception>
    /// <exception cref="ClusterStartException">Waiting does not help.</exception>
    Task PrepareAsync(CancellationToken cancellation);
}
