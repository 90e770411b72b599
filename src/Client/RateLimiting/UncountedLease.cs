using System.Threading.RateLimiting;

namespace Admission.Client.RateLimiting;

/// <summary>The answer to who asked for no permits: there is room.</summary>
internal sealed class UncountedLease : RateLimitLease
{
    private UncountedLease()
    {
    }

    public static UncountedLease Instance { get; } = new();

    public override bool IsAcquired => true;

    public override IEnumerable<string> MetadataNames => [];

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = null;
        return false;
    }
}
