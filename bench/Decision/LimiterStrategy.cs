using System.Threading.RateLimiting;
using Polly;

namespace Admission.Decision;

/// <summary>
/// What Polly's own rate limiter strategy does on the way through (acquire, go on, dispose): the package Polly.RateLimiting is not in the feed that this was
/// written with, Polly.Core is.
/// </summary>
internal sealed class LimiterStrategy(RateLimiter limiter) : ResilienceStrategy
{
    protected override async ValueTask<Outcome<TResult>> ExecuteCore<TResult, TState>(
        Func<ResilienceContext, TState, ValueTask<Outcome<TResult>>> callback, ResilienceContext context, TState state)
    {
        using var lease = await limiter.AcquireAsync(1, context.CancellationToken);
        return lease.IsAcquired
            ? await callback(context, state)
            : Outcome.FromException<TResult>(new InvalidOperationException("Refused."));
    }
}
