using System.Threading.RateLimiting;
using Admission.Capacity;
using Admission.Client.Telemetry;

namespace Admission.Client.RateLimiting;

/// <summary>No permits, and why.</summary>
internal sealed class RefusedLease : RateLimitLease
{
    private static readonly string[] NamesOfOwn = [MetadataName.ReasonPhrase.Name];
    private static readonly string[] NamesOfRefusal = [MetadataName.ReasonPhrase.Name, MetadataName.RetryAfter.Name, AdmissionMetadata.Reason.Name];

    private readonly string _phrase;

    private RefusedLease(string phrase, Refusal? refusal)
    {
        _phrase = phrase;
        Refusal = refusal;
    }

    /// <summary>The limiter's own queue is full. The words are those of the framework's limiters.</summary>
    public static RefusedLease QueueLimit { get; } = new("Queue limit reached", null);

    /// <summary>A newer request has taken its place.</summary>
    public static RefusedLease Displaced { get; } = new("Queue limit reached, and a newer request has taken the place", null);

    /// <summary>Nobody may wait for the ledger here.</summary>
    public static RefusedLease NoneHere { get; } = new("No permit is idle in this process: AcquireAsync asks the cluster for one", null);

    /// <summary>The limiter was disposed while it waited.</summary>
    public static RefusedLease Disposed { get; } = new("The limiter was disposed", null);

    /// <summary>What the pool or the ledger said; null where the limiter has refused by itself.</summary>
    public Refusal? Refusal { get; }

    public override bool IsAcquired => false;

    public override IEnumerable<string> MetadataNames => Refusal is null ? NamesOfOwn : NamesOfRefusal;

    public static RefusedLease Of(Refusal refusal) => new(MetricTags.ReasonOf(refusal.Reason), refusal);

    public override bool TryGetMetadata(string metadataName, out object? metadata)
    {
        metadata = metadataName switch
        {
            _ when Is(MetadataName.ReasonPhrase.Name) => _phrase,
            _ when Refusal is not null && Is(MetadataName.RetryAfter.Name) => Refusal.Occupancy.RetryAfter,
            _ when Refusal is not null && Is(AdmissionMetadata.Reason.Name) => Refusal.Reason,
            _ => null,
        };
        return metadata is not null;

        bool Is(string name) => string.Equals(metadataName, name, StringComparison.Ordinal);
    }
}
