using System.Threading.RateLimiting;
using Admission.Client.RateLimiting;

namespace WorkerSample;

/// <summary>Does six things at a time, but none without a licence.</summary>
internal sealed class Worker(AdmissionRateLimiter licences, ILogger<Worker> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Parallel.ForEachAsync(
        Enumerable.Range(1, int.MaxValue),
        new ParallelOptions { MaxDegreeOfParallelism = 6, CancellationToken = stoppingToken },
        WorkAsync);

    private async ValueTask WorkAsync(int number, CancellationToken stop)
    {
        using var licence = await licences.AcquireAsync(1, stop);
        if (!licence.IsAcquired)
        {
            var after = licence.TryGetMetadata(MetadataName.RetryAfter, out var retry) ? retry : TimeSpan.FromSeconds(1);
            logger.LogInformation("No licence for piece {Number}; again in {Seconds:F1} s.", number, after.TotalSeconds);
            await Task.Delay(after, stop);
            return;
        }

        // The work ends early if the licence becomes somebody else's, because this process was cut off from the cluster for too long.
        _ = licence.TryGetMetadata(AdmissionMetadata.LeaseLost, out var lost);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, lost);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(1), either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            logger.LogWarning("Piece {Number} was ended: its licence is lost. The others go on.", number);
            return;
        }

        logger.LogInformation("Piece {Number} is done.", number);
    }
}
