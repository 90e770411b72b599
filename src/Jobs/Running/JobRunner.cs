using Admission.Jobs.Storage;
using Microsoft.Extensions.Logging;

namespace Admission.Jobs.Running;

/// <summary>Runs one backend's jobs in this gateway: takes up as many as may be at once, asks for their permits, and records what they come to.</summary>
/// <remarks>
/// One loop takes up; each job then has a flow of its own. A job holds one of <see cref="JobPolicy.AtOnce"/> places from its claim until what it came to is committed. The loop is woken when
/// jobs are stored and when a place comes free, and looks every few seconds by itself, because news from other processes may be lost.
/// </remarks>
internal sealed partial class JobRunner : IAsyncDisposable
{
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StorePause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestAgain = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestAgain = TimeSpan.FromSeconds(5);

    private readonly string _backend;
    private readonly Func<JobPolicy?> _policy;
    private readonly IJobStore _store;
    private readonly IJobExecutor _executor;
    private readonly ClaimKeeper _keeper;
    private readonly JobTender _tender;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _owner;
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationToken _stopping;
    private readonly Task _loop;
    private readonly TenantPlaces _places = new();
    private int _running;
    private string? _lastTenant;

    /// <summary>Starts to run jobs.</summary>
    /// <param name="backend">The backend.</param>
    /// <param name="policy">The policy in force; null while the backend has no jobs.</param>
    /// <param name="store">The jobs.</param>
    /// <param name="executor">Forwards them.</param>
    /// <param name="keeper">Keeps the claims.</param>
    /// <param name="tender">Queues delayed jobs again.</param>
    /// <param name="owner">This gateway's name.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public JobRunner(
        string backend, Func<JobPolicy?> policy, IJobStore store, IJobExecutor executor, ClaimKeeper keeper, JobTender tender, string owner, TimeProvider time,
        ILogger<JobRunner> logger)
    {
        _backend = backend;
        _policy = policy;
        _store = store;
        _executor = executor;
        _keeper = keeper;
        _tender = tender;
        _owner = owner;
        _time = time;
        _logger = logger;
        _stopping = _stop.Token;
        _loop = LoopAsync();
    }

    /// <summary>Jobs that are taken up at present.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Takes up no more; tickets are given up, and their jobs go back into the queue.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Stops, and waits until what was taken up is recorded or given back.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        using var watch = _store.Signals.ForWork(_backend);
        while (Running > 0)
        {
            await watch.WaitAsync(StorePause, _time, CancellationToken.None);
        }

        _stop.Dispose();
    }

    private async Task LoopAsync()
    {
        using var watch = _store.Signals.ForWork(_backend);
        while (!_stopping.IsCancellationRequested)
        {
            var wait = LongestWait;
            try
            {
                while (await TakeUpAsync())
                {
                    // As long as there are jobs and places.
                }
            }
            catch (Exception failed) when (JobStoreFailure.Is(failed))
            {
                LogClaimFailed(_backend, failed.Message);
                wait = StorePause;
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception unexpected)
            {
                // A bug. The loop must live on for the other jobs.
                LogLoopFailed(unexpected, _backend);
                wait = StorePause;
            }

            try
            {
                await watch.WaitAsync(wait, _time, _stopping);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private async Task<bool> TakeUpAsync()
    {
        if (_policy() is not { } policy || policy.AtOnce <= Running || _stopping.IsCancellationRequested)
        {
            return false;
        }

        var asked = _time.GetTimestamp();
        var turns = new ClaimTurns(_lastTenant, _places.Snapshot(), policy.Tenants);
        var claims = await _store.ClaimAsync(_backend, policy.AtOnce - Running, policy.ClaimTtl, _owner, turns, _stopping);
        foreach (var claim in claims)
        {
            Interlocked.Increment(ref _running);
            _places.Add(claim.Tenant);
            _lastTenant = claim.Tenant;
            _ = RunAsync(_keeper.Hold(claim, policy.ClaimTtl, asked), policy);
        }

        return claims.Count > 0;
    }

    private async Task RunAsync(HeldClaim held, JobPolicy policy)
    {
        // The loop goes on to the next claim.
        await Task.Yield();
        try
        {
            var end = held.Claim.Attempts >= policy.Attempts ? JobRules.GivenUp(policy) : await TryAsync(held, policy);
            await RecordAsync(held, end);
        }
        catch (Exception unexpected)
        {
            // A bug. The claim runs out, and the job is tried again.
            LogUnexpected(unexpected, held.Claim.Id, _backend);
        }
        finally
        {
            _keeper.Release(held);
            _places.Remove(held.Claim.Tenant);
            Interlocked.Decrement(ref _running);
            _store.Signals.Work(_backend);
        }
    }

    private async Task<JobEnd> TryAsync(HeldClaim held, JobPolicy policy)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(held.Lost, _stopping);
        using var cancelled = new JobCancellation(_store.Signals, _keeper, held.Claim.Id);
        for (var again = ShortestAgain; ;)
        {
            var left = _keeper.LeftOf(held);
            if (left <= TimeSpan.Zero)
            {
                return JobRules.Expired(_time.GetUtcNow());
            }

            // A stop does not end it: the client refuses its ticket then, and what is in the backend has its time to end.
            // While nobody knows whose the job is, no permit is kept from others for it.
            var run = _keeper.IsCurrent(held) ? await RunOnceAsync(held, policy, left) : new JobRun(JobRunKind.NoPlace, _time.GetUtcNow());
            if (JobRules.Decide(held.Claim, run, policy, _time.GetUtcNow()) is { } end)
            {
                return end;
            }

            // No place: the queue is full of those that go first, or the ledger is away.
            var pause = run.RetryAfter is { } asked && asked > again ? asked : again;
            pause = pause < LongestAgain ? pause : LongestAgain;
            left = _keeper.LeftOf(held);
            if (left > TimeSpan.Zero)
            {
                await Task.Delay(pause < left ? pause : left, _time, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            if (either.Token.IsCancellationRequested)
            {
                return new JobEnd(JobState.Queued, TimeSpan.Zero);
            }

            again = again * 2 < LongestAgain ? again * 2 : LongestAgain;
        }
    }

    private async Task<JobRun> RunOnceAsync(HeldClaim held, JobPolicy policy, TimeSpan left)
    {
        var marked = false;
        var tenant = held.Claim.Tenant;
        var attempt = new JobTry(held.Claim, policy, left, () =>
        {
            if (!marked && _places.Remove(tenant) >= policy.Tenants.MostWaitingOf(tenant))
            {
                // Its next one was passed over until now.
                _store.Signals.Work(_backend);
            }

            marked = true;
            return _keeper.MarkAsync(held, sent: true);
        });
        JobRun run;
        try
        {
            run = await _executor.RunAsync(attempt, held.Lost);
        }
        finally
        {
            if (marked)
            {
                // It waits for a permit again, or ends.
                _places.Add(tenant);
            }
        }

        if (marked && run.Kind == JobRunKind.NoPlace)
        {
            // Where that cannot be said, a gateway that is lost now costs an attempt.
            await _keeper.MarkAsync(held, sent: false);
        }

        return run;
    }

    /// <summary>A result is worth waiting for the store: whether it is recorded is decided there, by the claim's number, and not by how long the store was silent.</summary>
    private async Task RecordAsync(HeldClaim held, JobEnd end)
    {
        while (true)
        {
            try
            {
                if (!await _store.FinishAsync(held.Claim, end, CancellationToken.None) && end.State.IsFinal())
                {
                    LogRefused(held.Claim.Id, _backend);
                }

                _keeper.Outage.End();

                if (end.State == JobState.Delayed)
                {
                    _tender.Within(end.Lasts);
                }

                return;
            }
            catch (Exception failed) when (JobStoreFailure.Is(failed) && !_stopping.IsCancellationRequested)
            {
                if (_keeper.Outage.Begin())
                {
                    LogRecordFailed(held.Claim.Id, _backend, failed.Message);
                }

                await Task.Delay(StorePause, _time, _stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (Exception failed) when (JobStoreFailure.Is(failed))
            {
                LogGivenUp(held.Claim.Id, _backend, failed.Message);
                return;
            }
        }
    }

    [LoggerMessage(4220, LogLevel.Warning, "Jobs for backend '{Backend}' cannot be taken up: {Problem}")]
    private partial void LogClaimFailed(string backend, string problem);

    [LoggerMessage(4227, LogLevel.Error, "Jobs for backend '{Backend}' could not be taken up, in a way that the gateway does not know; it goes on.")]
    private partial void LogLoopFailed(Exception exception, string backend);

    [LoggerMessage(4221, LogLevel.Error, "Job {Job} for backend '{Backend}' failed in a way that the gateway does not know; it is tried again when the claim has run out.")]
    private partial void LogUnexpected(Exception exception, string job, string backend);

    [LoggerMessage(4222, LogLevel.Warning, "What job {Job} for backend '{Backend}' came to was not recorded, because it was cancelled or its claim had run out meanwhile.")]
    private partial void LogRefused(string job, string backend);

    [LoggerMessage(4223, LogLevel.Warning, "What job {Job} for backend '{Backend}' came to could not be recorded, which is tried again, as for all jobs until the store answers: {Problem}")]
    private partial void LogRecordFailed(string job, string backend, string problem);

    [LoggerMessage(4224, LogLevel.Error, "What job {Job} for backend '{Backend}' came to could not be recorded before the gateway stopped; it is tried again: {Problem}")]
    private partial void LogGivenUp(string job, string backend, string problem);
}
