using System.Threading.RateLimiting;
using Admission.Client;
using BenchmarkDotNet.Attributes;

namespace Admission.Decision;

/// <summary>One request admitted and released without contention: a permit that is exact over a cluster, against the limiter of one process.</summary>
[MemoryDiagnoser]
public class AdmitAndRelease
{
    private const int Limit = 100;
    private const string Backend = "model";

    private readonly ConcurrencyLimiter _limiter = new(new() { PermitLimit = Limit, QueueLimit = Limit });
    private EmbeddedSilo? _silo;
    private AdmissionClient? _client;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _silo = await EmbeddedSilo.StartAsync();
        _client = _silo.Client;
        await _client.ConfigureAsync(Backend, new() { Limit = Limit });
        using var first = (await _client.AcquireAsync(Backend)).Permit;
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        await _silo!.DisposeAsync();
        await _limiter.DisposeAsync();
    }

    [Benchmark(Baseline = true, Description = "ConcurrencyLimiter.AttemptAcquire")]
    public bool InProcess()
    {
        using var lease = _limiter.AttemptAcquire();
        return lease.IsAcquired;
    }

    [Benchmark(Description = "ConcurrencyLimiter.AcquireAsync")]
    public bool InProcessAsync()
    {
        var pending = _limiter.AcquireAsync();
        using var lease = Completed(pending);
        return lease.IsAcquired;
    }

    [Benchmark(Description = "AdmissionClient.AcquireAsync")]
    public bool Cluster()
    {
        var outcome = Completed(_client!.AcquireAsync(Backend));
        using var permit = outcome.Permit;
        return outcome.IsAdmitted;
    }

    private static T Completed<T>(ValueTask<T> pending) =>
        pending.IsCompletedSuccessfully ? pending.Result : throw new InvalidOperationException("It had to wait: the benchmark measures something else.");
}
