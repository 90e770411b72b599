using System.Threading.RateLimiting;
using Admission.Client.RateLimiting;

namespace Admission.Client.Tests.Samples;

/// <summary>A limiter that lends as many permits as it has, all of one lease, and tells when each comes back. Nobody waits.</summary>
internal sealed class LentPermits(int permits) : RateLimiter
{
    private readonly CancellationTokenSource _lost = new();
    private int _free = permits;

    /// <summary>Called for each permit as it comes back, before it can be lent again.</summary>
    public Action ComesBack { get; set; } = static () => { };

    public int Free => Volatile.Read(ref _free);

    public override TimeSpan? IdleDuration => null;

    public Task LoseAsync() => _lost.CancelAsync();

    public override RateLimiterStatistics? GetStatistics() => null;

    protected override RateLimitLease AttemptAcquireCore(int permitCount)
    {
        Interlocked.Add(ref _free, -permitCount).ShouldBeGreaterThanOrEqualTo(0, "nobody waits here");
        return new Lent(this, permitCount);
    }

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => new(AttemptAcquireCore(permitCount));

    protected override void Dispose(bool disposing) => _lost.Dispose();

    private sealed class Lent(LentPermits from, int permits) : RateLimitLease
    {
        private bool _isBack;

        public override bool IsAcquired => true;

        public override IEnumerable<string> MetadataNames => [AdmissionMetadata.LeaseLost.Name];

        public override bool TryGetMetadata(string metadataName, out object? metadata)
        {
            metadata = string.Equals(metadataName, AdmissionMetadata.LeaseLost.Name, StringComparison.Ordinal) ? from._lost.Token : null;
            return metadata is not null;
        }

        protected override void Dispose(bool disposing)
        {
            if (!Interlocked.Exchange(ref _isBack, true))
            {
                from.ComesBack();
                Interlocked.Add(ref from._free, permits);
            }
        }
    }
}
