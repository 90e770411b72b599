using Admission.Jobs.Running;
using Microsoft.Extensions.Logging.Abstractions;

namespace Admission.Jobs.Tests.Support;

/// <summary>A runner over a store, with a backend that a test makes up.</summary>
internal sealed class Runners : IAsyncDisposable
{
    private readonly JobTender _tender;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _tending;

    public Runners(IJobStore store, JobPolicy policy, Func<JobClaim, CancellationToken, Task<JobRun>> backend)
    {
        _tender = new JobTender(store, TimeProvider.System, NullLogger<JobTender>.Instance);
        _tending = _tender.RunAsync(_stop.Token);
        Keeper = new ClaimKeeper(store, TimeProvider.System, NullLogger<ClaimKeeper>.Instance);
        Runner = new JobRunner("model", () => policy, store, new Executor(backend), Keeper, _tender, "test", TimeProvider.System, NullLogger<JobRunner>.Instance);
    }

    public ClaimKeeper Keeper { get; }

    public JobRunner Runner { get; }

    public static JobRun Answered(string body = "the answer", int status = 200) => new(JobRunKind.Answered, DateTimeOffset.UnixEpoch) { Result = Make.Result(status, body) };

    public async ValueTask DisposeAsync()
    {
        await Runner.DisposeAsync();
        await _stop.CancelAsync();
        await _tending;
        _tender.Dispose();
        _stop.Dispose();
    }

    private sealed class Executor(Func<JobClaim, CancellationToken, Task<JobRun>> backend) : IJobExecutor
    {
        public Task<JobRun> RunAsync(JobClaim claim, JobPolicy policy, CancellationToken cancellation) => backend(claim, cancellation);
    }
}
