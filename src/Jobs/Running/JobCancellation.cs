namespace Admission.Jobs.Running;

/// <summary>Notices that a job which this gateway has taken up was cancelled, as soon as that is said: a renewal finds out.</summary>
internal sealed class JobCancellation : IDisposable
{
    private readonly CancellationTokenSource _done = new();

    /// <summary>Begins to listen for one job.</summary>
    public JobCancellation(JobSignals signals, ClaimKeeper keeper, string job)
    {
        _ = ListenAsync(keeper, signals.ForJob(job), _done.Token);
    }

    public void Dispose()
    {
        _done.Cancel();
        _done.Dispose();
    }

    private static async Task ListenAsync(ClaimKeeper keeper, JobSignals.Watch watch, CancellationToken done)
    {
        using (watch)
        {
            try
            {
                while (await watch.WaitAsync(Timeout.InfiniteTimeSpan, TimeProvider.System, done))
                {
                    keeper.RenewSoon();
                }
            }
            catch (OperationCanceledException)
            {
                // Over.
            }
        }
    }
}
