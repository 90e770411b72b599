using System.Runtime.CompilerServices;
using System.Threading.RateLimiting;
using Admission.Capacity;
using Admission.Client;
using Polly;

namespace Admission.Decision;

/// <summary>The least that counting to a limit can cost: one number, changed by compare-and-swap. No queue, no owner, no cluster.</summary>
internal readonly struct CounterDecision(StrongBox<int> free) : IDecision
{
    public bool Decide()
    {
        for (var seen = Volatile.Read(ref free.Value); seen > 0; seen = Volatile.Read(ref free.Value))
        {
            if (Interlocked.CompareExchange(ref free.Value, seen - 1, seen) == seen)
            {
                Interlocked.Increment(ref free.Value);
                return true;
            }
        }

        return false;
    }
}

internal readonly struct SemaphoreDecision(SemaphoreSlim semaphore) : IDecision
{
    public bool Decide()
    {
        if (!semaphore.Wait(0))
        {
            return false;
        }

        semaphore.Release();
        return true;
    }
}

internal readonly struct LimiterDecision(RateLimiter limiter) : IDecision
{
    public bool Decide()
    {
        using var lease = limiter.AttemptAcquire();
        return lease.IsAcquired;
    }
}

/// <summary>Polly's rate limiter strategy around .NET's limiter; its exception on a refusal would be all there is to see, so refusals are not measured.</summary>
internal readonly struct PollyDecision(ResiliencePipeline pipeline) : IDecision
{
    public bool Decide() => pipeline.Execute(static () => true);
}

internal readonly struct BackendDecision(AdmissionBackend backend) : IDecision
{
    public bool Decide()
    {
        if (!backend.TryAcquire(default, out var outcome))
        {
            // A refusal asks the ledger again whenever its notice has run out: that is part of what it costs.
            outcome = backend.AcquireAsync().AsTask().GetAwaiter().GetResult();
        }

        if (!outcome.IsAdmitted)
        {
            return false;
        }

        outcome.Permit.Dispose();
        return true;
    }
}

/// <summary>A refusal that is named and recorded, so that it can be explained, with the text of the name: what a gateway does besides.</summary>
internal readonly struct NamedDecision(AdmissionBackend backend) : IDecision
{
    public bool Decide()
    {
        if (!backend.TryAcquire(default, out var outcome))
        {
            outcome = backend.AcquireAsync().AsTask().GetAwaiter().GetResult();
        }

        if (outcome.IsAdmitted)
        {
            outcome.Permit.Dispose();
            return true;
        }

        Span<byte> text = stackalloc byte[TicketId.Length];
        outcome.NameTicket(default).WriteUtf8(text);
        return false;
    }
}

/// <summary>By name and as a task, as who looks the backend up for each request does it.</summary>
internal readonly struct ClientDecision(AdmissionClient client, string backend) : IDecision
{
    public bool Decide()
    {
        var pending = client.AcquireAsync(backend);
        var outcome = pending.IsCompletedSuccessfully ? pending.Result : pending.AsTask().GetAwaiter().GetResult();
        if (!outcome.IsAdmitted)
        {
            return false;
        }

        outcome.Permit.Dispose();
        return true;
    }
}
