using Admission.Capacity;
using Microsoft.Extensions.Logging;

namespace Admission.Client;

/// <content>Permits that are handed over to leases, and the calls that renew and release those.</content>
internal sealed partial class BackendHolder
{
    /// <summary>What is not settled is asked again after so long.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(100);

    /// <summary>A lease that nobody wants any more is given back within this time, or left to be reclaimed.</summary>
    private static readonly TimeSpan GiveBackWithin = TimeSpan.FromSeconds(30);

    public async Task<LeaseAnswer> LeaseAsync(AdmissionRequest request, TimeSpan ttl, CancellationToken cancellation)
    {
        var admission = await AcquireAsync(request, cancellation);
        if (!admission.IsAdmitted)
        {
            return new LeaseAnswer(admission, request);
        }

        var destination = admission.Permit.Destination;
        var id = LeaseId.New();
        var pending = new PendingHandOver(id.Name.Key, ttl, request.Tenant, request.Priority);
        Carry(_pool.HandOver(admission.Result.Permit, pending));
        SetAlarm();
        LeaseOutcome outcome;
        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stopped.Token);
            outcome = await pending.Outcome.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            _ = GiveBackAsync(pending, id);
            cancellation.ThrowIfCancellationRequested();
            return new LeaseAnswer(admission, request, LeaseState.Unconfirmed);
        }

        if (outcome.State == LeaseState.Held)
        {
            // What the pool has counted by its one clock, so that both figures together are right however late they are read.
            var confirmed = LeaseTimes.AtHolder(ttl) - outcome.Left;
            return new LeaseAnswer(admission, request, LeaseState.Held)
            {
                Id = id.Of(outcome.Fencing.Epoch), Fencing = outcome.Fencing, Destination = destination, Left = outcome.Left, Waited = admission.Waited + confirmed,
            };
        }

        if (outcome.State == LeaseState.Unconfirmed)
        {
            // The ledger may have stored it, and could not say so.
            _ = GiveBackAsync(pending, id);
        }

        return new LeaseAnswer(admission, request, outcome.State);
    }

    /// <summary>Asks the ledger until it says how all of them stand.</summary>
    /// <param name="names">Which; at most <see cref="LeaseRules.MostPerCall"/>.</param>
    /// <param name="ask">Renews, releases, or looks.</param>
    /// <param name="patience">For how long; what is not settled then is told so.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="OrleansException">The ledger did not answer, or another exception that its silo gave.</exception>
    public async Task<LeaseStatus[]> AskOfLeasesAsync(
        LeaseName[] names, Func<ICapacityGrain, LeaseName[], Task<LeaseDescription[]>> ask, TimeSpan patience, CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        var told = new LeaseStatus[names.Length];
        var open = Enumerable.Range(0, names.Length).ToArray();
        while (true)
        {
            var asked = _time.GetTimestamp();
            try
            {
                var answers = await ask(_grain, Array.ConvertAll(open, place => names[place])).WaitAsync(cancellation);
                var took = _time.GetElapsedTime(asked);
                for (var i = 0; i < open.Length; i++)
                {
                    told[open[i]] = new LeaseStatus(answers[i], Longer(answers[i].Left - took, TimeSpan.Zero));
                }

                open = Array.FindAll(open, place => told[place].Lease.State == LeaseState.Unsettled);
                if (open.Length == 0 || _time.GetElapsedTime(began) + AskAgain >= patience)
                {
                    return told;
                }
            }
            catch (Exception exception) when (exception is not OperationCanceledException && _time.GetElapsedTime(began) + AskAgain < patience)
            {
                // A ledger that moves, or a silo that has died: all three calls may be repeated.
                LogLeaseCallFailed(exception, _backend);
            }

            await Task.Delay(AskAgain, _time, cancellation);
        }
    }

    /// <summary>Nobody has been told of the lease: its permits come back at once, if the ledger can be reached, and else when it is reclaimed.</summary>
    private async Task GiveBackAsync(PendingHandOver pending, LeaseId id)
    {
        try
        {
            var outcome = await pending.Outcome.WaitAsync(_stopped.Token);
            if (outcome.State is LeaseState.Held or LeaseState.Unconfirmed)
            {
                await AskOfLeasesAsync([id.Of(outcome.Fencing.Epoch).Name], static (grain, names) => grain.ReleaseLeasesAsync(names), GiveBackWithin, _stopped.Token);
            }
        }
        catch (Exception exception)
        {
            LogLeaseNotGivenBack(exception, _backend);
        }
    }

    private void TellLeases()
    {
        foreach (var (lease, outcome) in _pool.TakeLeases())
        {
            lease.Decided(outcome);
        }
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    [LoggerMessage(1120, LogLevel.Debug, "The ledger of backend '{Backend}' has not answered a call about leases. It is asked again.")]
    private partial void LogLeaseCallFailed(Exception exception, string backend);

    [LoggerMessage(1121, LogLevel.Debug, "A lease of backend '{Backend}' that nobody was told of could not be given back. It will be reclaimed.")]
    private partial void LogLeaseNotGivenBack(Exception exception, string backend);

    private sealed class PendingHandOver(string key, TimeSpan ttl, string? tenant, int priority) : PendingLease(key, ttl, tenant, priority)
    {
        private readonly TaskCompletionSource<LeaseOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<LeaseOutcome> Outcome => _outcome.Task;

        public override void Decided(in LeaseOutcome outcome) => _outcome.SetResult(outcome);
    }
}
