using System.Threading.RateLimiting;

namespace Admission.Client.Tests.Samples;

/// <summary>A limiter whose permits are another's from some moment on, as those of a process that has lost its lease and has a new one.</summary>
internal sealed class Exchanged(RateLimiter first) : RateLimiter
{
    public RateLimiter Now { get; set; } = first;

    public override TimeSpan? IdleDuration => null;

    public override RateLimiterStatistics? GetStatistics() => null;

    protected override RateLimitLease AttemptAcquireCore(int permitCount) => Now.AttemptAcquire(permitCount);

    protected override ValueTask<RateLimitLease> AcquireAsyncCore(int permitCount, CancellationToken cancellationToken) => Now.AcquireAsync(permitCount, cancellationToken);
}
