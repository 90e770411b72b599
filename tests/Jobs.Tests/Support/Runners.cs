using Admission.Jobs.Running;
using Microsoft.Extensions.Logging.Abstractions;

namespace Admission.Jobs.Tests.Support;

/// <summary>A runner over a store, with a backend that a test makes up.</summary>
internal sealed class Runners : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly JobTender _tender;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loops;

    public Runners(IJobStore store, JobPolicy policy, Func<JobClaim, CancellationToken, Task<JobRun>> backend)
        : this(store, policy, (attempt, cancellation) => backend(attempt.Claim, cancellation))
    {
    }

    public Runners(IJobStore store, JobPolicy policy, Func<JobTry, CancellationToken, Task<JobRun>> backend, TimeProvider? time = null)
    {
        time ??= TimeProvider.System;
        _tender = new JobTender(store, TimeProvider.System, NullLogger<JobTender>.Instance);
        Keeper = new ClaimKeeper(store, time, NullLogger<ClaimKeeper>.Instance);
        _loops = Task.WhenAll(_tender.RunAsync(_stop.Token), Keeper.RunAsync(_stop.Token));
        Runner = new JobRunner("model", () => policy, store, new Executor(backend), Keeper, _tender, "test", time, NullLogger<JobRunner>.Instance);
    }

    public ClaimKeeper Keeper { get; }

    public JobRunner Runner { get; }

    public static JobRun Answered(string body = "the answer", int status = 200) => new(JobRunKind.Answered, DateTimeOffset.UnixEpoch) { Result = Make.Result(status, body) };

    public async ValueTask DisposeAsync()
    {
        // A test that has failed may have left a backend that never answers.
        await Runner.DisposeAsync().AsTask().WaitAsync(Bound);
        await _stop.CancelAsync();
        await _loops.WaitAsync(Bound);
        Keeper.Dispose();
        _tender.Dispose();
        _stop.Dispose();
    }

    private sealed class Executor(Func<JobTry, CancellationToken, Task<JobRun>> backend) : IJobExecutor
    {
        public Task<JobRun> RunAsync(JobTry attempt, CancellationToken cancellation) => backend(attempt, cancellation);
    }
}
