using System.Threading.RateLimiting;

namespace Admission.Client.Tests.RateLimiting;

/// <summary>The framework's own limiter: what it does is what the list says.</summary>
public class ConcurrencyLimiterTests : RateLimiterConformance
{
    protected override Task<RateLimiter> MakeAsync(int permits, int queue, QueueProcessingOrder order) =>
        Task.FromResult<RateLimiter>(new ConcurrencyLimiter(new() { PermitLimit = permits, QueueLimit = queue, QueueProcessingOrder = order }));
}
