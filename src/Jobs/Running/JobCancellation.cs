using Admission.Jobs.Storage;

namespace Admission.Jobs.Running;

/// <summary>Notices that a job which this gateway has taken up was cancelled, as soon as that is said.</summary>
internal sealed class JobCancellation : IDisposable
{
    private readonly CancellationTokenSource _done = new();

    /// <summary>Begins to listen for one job.</summary>
    public JobCancellation(IJobStore store, HeldClaim held)
    {
        _ = ListenAsync(store, held, store.Signals.ForJob(held.Claim.Id), _done.Token);
    }

    public void Dispose()
    {
        _done.Cancel();
        _done.Dispose();
    }

    private static async Task ListenAsync(IJobStore store, HeldClaim held, JobSignals.Watch watch, CancellationToken done)
    {
        using (watch)
        {
            try
            {
                while (await watch.WaitAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, done))
                {
                    if (await store.FindAsync(held.Claim.Id, done) is not { State: JobState.Running })
                    {
                        held.Lose();
                        return;
                    }
                }
            }
            catch (Exception over) when (over is OperationCanceledException || JobStoreFailure.Is(over))
            {
                // Over, or noticed with the next renewal.
            }
        }
    }
}
