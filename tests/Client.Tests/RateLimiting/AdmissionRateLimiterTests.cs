using System.Threading.RateLimiting;
using Admission.Capacity;
using Admission.Client.RateLimiting;

namespace Admission.Client.Tests.RateLimiting;

/// <summary>Admission's limiter over a ledger in this process: the same list.</summary>
public class AdmissionRateLimiterTests(LedgerFixture ledger) : RateLimiterConformance, IClassFixture<LedgerFixture>
{
    protected override async Task<RateLimiter> MakeAsync(int permits, int queue, QueueProcessingOrder order)
    {
        var policy = new BackendPolicy
        {
            Limit = permits,
            Overflow = queue > 0 ? Overflow.Wait : Overflow.Refuse,
            QueueCapacity = 1000,
            MaxWait = TimeSpan.FromSeconds(60),
            IgnoresPatience = true,
        };
        var backend = ledger.NextBackend();
        var client = await ledger.Cluster.ClientAsync(backend, policy);
        await WarmAsync(client, backend, permits);
        return new AdmissionRateLimiter(client, backend, new() { QueueLimit = queue, QueueProcessingOrder = order });
    }

    /// <summary>Uses a backend, as a process at work does: what it had lies idle here.</summary>
    private static async Task WarmAsync(AdmissionClient client, string backend, int permits)
    {
        var all = await Task.WhenAll(Enumerable.Range(0, permits).Select(_ => client.AcquireAsync(backend).AsTask())).WaitAsync(Patience);
        foreach (var one in all)
        {
            one.Permit.Dispose();
        }
    }
}
