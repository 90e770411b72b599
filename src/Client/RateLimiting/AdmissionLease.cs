using System.Threading.RateLimiting;
using Admission.Capacity;

namespace Admission.Client.RateLimiting;

/// <summary>Permits that a limiter's caller has. 40 bytes, as many as the framework's own: one is made for every request.</summary>
/// <remarks>Disposing it twice does nothing, from whichever threads: the first takes the way back away from the second.</remarks>
internal class AdmissionLease : RateLimitLease
{
    private static readonly string[] Names = [AdmissionMetadata.LeaseLost.Name, AdmissionMetadata.Destination.Name];

    private readonly HolderLife _life;
    private readonly int _slot;
    private readonly int _generation;
    private LimiterBackend? _backend;

    public AdmissionLease(LimiterBackend backend, in PoolResult admitted)
    {
        _backend = backend;
        _life = admitted.Life;
        _slot = admitted.SignedSlot;
        _generation = admitted.Generation;
    }

    public override bool IsAcquired => true;

    public override IEnumerable<string> MetadataNames => Names;

    /// <summary>The number of the destination. Most policies name none, and it is not stored for them.</summary>
    protected virtual int DestinationIndex => 0;

    private Permit Permit => new(_life, _slot, _generation, DestinationIndex);

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        if (string.Equals(metadataName, AdmissionMetadata.LeaseLost.Name, StringComparison.Ordinal))
        {
            metadata = _life.Lost;
            return true;
        }

        if (string.Equals(metadataName, AdmissionMetadata.Destination.Name, StringComparison.Ordinal))
        {
            metadata = Permit.Destination;
            return true;
        }

        metadata = null;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Interlocked.Exchange(ref _backend, null)?.Release(Permit);
        }
    }
}
