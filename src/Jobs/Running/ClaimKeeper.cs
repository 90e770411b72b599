using System.Collections.Concurrent;
using Admission.Jobs.Storage;
using Microsoft.Extensions.Logging;

namespace Admission.Jobs.Running;

/// <summary>Renews this gateway's claims, all in one statement, every third of the shortest time to live; and notices those that are lost.</summary>
/// <remarks>
/// A claim's time counts from when it was asked for, so this gateway takes it for lost before the store does. A lost claim's ticket is given up; what is in the backend already goes on to its end, and
/// what it comes to is refused by the store.
/// </remarks>
internal sealed partial class ClaimKeeper(IJobStore store, TimeProvider time, ILogger<ClaimKeeper> logger)
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<HeldClaim, bool> _held = new();

    /// <summary>Claims held at present.</summary>
    public int Count => _held.Count;

    /// <summary>Begins to keep a claim.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="ttl">Its time to live.</param>
    /// <param name="asked">The timestamp before it was asked for.</param>
    public HeldClaim Hold(JobClaim claim, TimeSpan ttl, long asked)
    {
        var held = new HeldClaim(claim, ttl, After(asked, ttl));
        _held[held] = true;
        return held;
    }

    /// <summary>Ends keeping it.</summary>
    public void Release(HeldClaim held)
    {
        _held.TryRemove(held, out _);
        held.Dispose();
    }

    /// <summary>Renews until it is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            await Task.Delay(Pause(), time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!cancellation.IsCancellationRequested)
            {
                await RenewAsync(cancellation);
            }
        }
    }

    /// <summary>Renews all.</summary>
    public async Task RenewAsync(CancellationToken cancellation)
    {
        // In the order in which the store finishes jobs: two batches that lock the same claims in different orders would wait for each other.
        HeldClaim[] held = [.. _held.Keys.OrderBy(each => each.Claim.Id, StringComparer.Ordinal)];
        if (held.Length == 0)
        {
            return;
        }

        var asked = time.GetTimestamp();
        try
        {
            var holds = await store.RenewAsync([.. held.Select(each => (each.Claim, each.Ttl))], cancellation);
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
        }
        catch (Exception failed) when (JobStoreFailure.Is(failed))
        {
            LogRenewalFailed(held.Length, failed.Message);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return;
        }

        foreach (var late in held.Where(each => time.GetTimestamp() > each.Until))
        {
            late.Lose();
        }
    }

    private TimeSpan Pause()
    {
        // With nothing held, so often that the shortest claim is renewed in time if it comes in the meantime.
        var pause = _held.IsEmpty ? JobPolicy.ShortestClaimTtl / 3 : LongestPause;
        foreach (var held in _held.Keys)
        {
            pause = held.Ttl / 3 < pause ? held.Ttl / 3 : pause;
        }

        return pause > ShortestPause ? pause : ShortestPause;
    }

    private long After(long timestamp, TimeSpan span) => timestamp + (long)(span.TotalSeconds * time.TimestampFrequency);

    [LoggerMessage(4210, LogLevel.Warning, "The claims on {Count} jobs could not be renewed: {Problem}")]
    private partial void LogRenewalFailed(int count, string problem);
}
