namespace Admission.Grains.Cluster;

/// <summary>Where the cluster's secret is kept if none is configured.</summary>
internal interface ISecretStore
{
    /// <summary>Reads the secret.</summary>
    /// <exception cref="ClusterNotReadyException">There is none yet.</exception>
    Task<string> ReadAsync(CancellationToken cancellation);
}
