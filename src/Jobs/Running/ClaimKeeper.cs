using System.Collections.Concurrent;
using Admission.Jobs.Storage;
using Microsoft.Extensions.Logging;

namespace Admission.Jobs.Running;

/// <summary>Renews this gateway's claims, all in one statement, every third of the shortest time to live; and notices those that are lost.</summary>
/// <remarks>
/// <para>
/// A renewal has a third of the shortest time to live, and one that failed is soon tried again. Only the store says that a claim is lost: then its ticket is given up, and what is in the backend already
/// goes on to its end. As long as nobody has said so, what a job comes to is worth recording, however long the store was silent: its fencing number decides.
/// </para>
/// <para>A claim whose time has run out by this gateway's clock may be another's by now, so nothing is asked for it until it is renewed (<see cref="IsCurrent"/>).</para>
/// </remarks>
internal sealed partial class ClaimKeeper(IJobStore store, TimeProvider time, ILogger<ClaimKeeper> logger) : IDisposable
{
    /// <summary>A renewal has this part of the shortest time to live.</summary>
    private const int Part = 3;

    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<HeldClaim, bool> _held = new();
    private readonly SemaphoreSlim _now = new(0, 1);

    /// <summary>What the log has said of results that cannot be recorded; of all backends of this gateway.</summary>
    public StoreOutage Outage { get; } = new();

    /// <summary>Claims held at present.</summary>
    public int Count => _held.Count;

    /// <summary>Begins to keep a claim.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="ttl">Its time to live.</param>
    /// <param name="asked">The timestamp before it was asked for.</param>
    public HeldClaim Hold(JobClaim claim, TimeSpan ttl, long asked)
    {
        var held = new HeldClaim(claim, ttl, After(asked, ttl)) { Expires = After(asked, claim.TimeLeft) };
        _held[held] = true;
        return held;
    }

    /// <summary>Ends keeping it.</summary>
    public void Release(HeldClaim held)
    {
        _held.TryRemove(held, out _);
        held.Dispose();
    }

    /// <summary>Whether the claim holds, as far as this gateway knows.</summary>
    public bool IsCurrent(HeldClaim held) => time.GetTimestamp() <= held.Until;

    /// <summary>How long the claim's job may still take.</summary>
    public TimeSpan LeftOf(HeldClaim held) => time.GetElapsedTime(time.GetTimestamp(), held.Expires);

    /// <summary>Says in the store whether the claim's request is in the backend. As much as a renewal, and with the same time for it.</summary>
    /// <returns>Whether the claim holds: then, and only then, the request may be sent.</returns>
    public async Task<bool> MarkAsync(HeldClaim held, bool sent)
    {
        var asked = time.GetTimestamp();
        try
        {
            // What is late is committed all the same. Then a job that was not sent counts as sent, until that is taken back.
            if (await store.MarkAsync(held.Claim, sent, held.Ttl, CancellationToken.None).WaitAsync(Limit(held.Ttl), time))
            {
                held.Until = After(asked, held.Ttl);
                return true;
            }

            held.Lose();
        }
        catch (Exception failed) when (JobStoreFailure.Is(failed))
        {
            LogMarkFailed(held.Claim.Id, failed.Message);
        }

        return false;
    }

    /// <summary>Renews soon: it is to be found out whether all claims still hold.</summary>
    public void RenewSoon()
    {
        lock (_now)
        {
            if (_now.CurrentCount == 0)
            {
                _now.Release();
            }
        }
    }

    /// <summary>Renews until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var pause = Pause();
        while (!cancellation.IsCancellationRequested)
        {
            await WaitAsync(pause, cancellation);
            pause = cancellation.IsCancellationRequested || await RenewAsync(cancellation) ? Pause() : ShortestPause;
        }
    }

    /// <summary>Renews all.</summary>
    /// <returns>Whether the store has answered in time.</returns>
    public async Task<bool> RenewAsync(CancellationToken cancellation)
    {
        // In the order in which the store finishes jobs: two batches that lock the same claims in different orders would wait for each other.
        HeldClaim[] held = [.. _held.Keys.OrderBy(each => each.Claim.Id, StringComparer.Ordinal)];
        if (held.Length == 0)
        {
            return true;
        }

        var asked = time.GetTimestamp();
        var limit = Limit(held.Min(each => each.Ttl));
        using var longest = new CancellationTokenSource(limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, cancellation);
        try
        {
            // A store that does not even hear that it is to give up is left behind.
            var holds = await store.RenewAsync([.. held.Select(each => (each.Claim, each.Ttl))], either.Token).WaitAsync(limit + ShortestPause, time, cancellation);
            for (var i = 0; i < held.Length; i++)
            {
                if (holds[i])
                {
                    held[i].Until = After(asked, held[i].Ttl);
                }
                else
                {
                    // One that has just been finished is not in the table any more.
                    held[i].Lose();
                }
            }

            return true;
        }
        catch (Exception failed) when (JobStoreFailure.Is(failed))
        {
            LogRenewalFailed(held.Length, failed.Message);
        }
        catch (OperationCanceledException)
        {
            if (!cancellation.IsCancellationRequested)
            {
                LogRenewalFailed(held.Length, $"The store has not answered within {limit.TotalSeconds} s.");
            }
        }
        catch (Exception unexpected)
        {
            // A bug. Without renewals all claims would run out.
            LogUnexpected(unexpected, held.Length);
        }

        return false;
    }

    /// <inheritdoc/>
    public void Dispose() => _now.Dispose();

    private async Task WaitAsync(TimeSpan pause, CancellationToken cancellation)
    {
        using var longest = new CancellationTokenSource(pause, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(longest.Token, cancellation);
        await _now.WaitAsync(either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static TimeSpan Limit(TimeSpan ttl) => ttl / Part < LongestPause ? ttl / Part : LongestPause;

    private TimeSpan Pause()
    {
        // With nothing held, so often that the shortest claim is renewed in time if it comes in the meantime.
        var pause = _held.IsEmpty ? JobPolicy.ShortestClaimTtl / Part : LongestPause;
        foreach (var held in _held.Keys)
        {
            pause = held.Ttl / Part < pause ? held.Ttl / Part : pause;
        }

        return pause > ShortestPause ? pause : ShortestPause;
    }

    private long After(long timestamp, TimeSpan span) => timestamp + (long)(span.TotalSeconds * time.TimestampFrequency);

    [LoggerMessage(4210, LogLevel.Warning, "The claims on {Count} jobs could not be renewed, which is tried again: {Problem}")]
    private partial void LogRenewalFailed(int count, string problem);

    [LoggerMessage(4228, LogLevel.Error, "The claims on {Count} jobs could not be renewed, in a way that the gateway does not know; it is tried again.")]
    private partial void LogUnexpected(Exception exception, int count);

    [LoggerMessage(4225, LogLevel.Warning, "It could not be stored whether job {Job} is in the backend, so it is not sent now: {Problem}")]
    private partial void LogMarkFailed(string job, string problem);
}
