using System.Threading.RateLimiting;
using Admission.Client;
using BenchmarkDotNet.Attributes;

namespace Admission.Decision;

/// <summary>
/// One request refused because everything is in use, what the storm sends to the ledger included, and the same with a ticket and a record of why, against the limiter of one process, which only says no.
/// </summary>
[MemoryDiagnoser]
public class RefuseAtOnce
{
    private const string Backend = "model";

    private readonly ConcurrencyLimiter _limiter = new(new() { PermitLimit = 1, QueueLimit = 0 });
    private readonly byte[] _text = new byte[Capacity.TicketId.Length];
    private EmbeddedSilo? _silo;
    private AdmissionClient? _client;
    private RateLimitLease? _lease;
    private AdmittedPermit _permit;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _lease = _limiter.AttemptAcquire();
        _silo = await EmbeddedSilo.StartAsync();
        _client = _silo.Client;
        await _client.ConfigureAsync(Backend, new() { Limit = 1 });
        _permit = (await _client.AcquireAsync(Backend)).Permit;
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        _permit.Dispose();
        _lease!.Dispose();
        await _silo!.DisposeAsync();
        await _limiter.DisposeAsync();
    }

    [Benchmark(Baseline = true, Description = "ConcurrencyLimiter.AttemptAcquire")]
    public bool InProcess()
    {
        using var lease = _limiter.AttemptAcquire();
        return lease.IsAcquired;
    }

    [Benchmark(Description = "AdmissionClient.AcquireAsync")]
    public bool Cluster() => Refused().IsAdmitted;

    [Benchmark(Description = "the same, named, recorded, and the ticket's text")]
    public byte ClusterWithText()
    {
        Refused().NameTicket(default).WriteUtf8(_text);
        return _text[^1];
    }

    // When a notice ends, the next request asks the ledger, and those behind it wait for that: once in 10 ms.
    private AdmissionOutcome Refused()
    {
        var pending = _client!.AcquireAsync(Backend);
        return pending.IsCompletedSuccessfully ? pending.Result : pending.AsTask().GetAwaiter().GetResult();
    }
}
