namespace Admission.Jobs.Storage;

/// <summary>Something that waits for a commit: a job to store, or what a claim has come to.</summary>
internal abstract class JobChange
{
    /// <summary>Bytes, roughly.</summary>
    public abstract long Size { get; }

    /// <summary>It has not been committed, as far as is known.</summary>
    public abstract void Fail(Exception why);
}

/// <summary>A job to store.</summary>
internal sealed class AcceptChange(NewJob job) : JobChange
{
    private readonly TaskCompletionSource<Acceptance> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public NewJob Job => job;

    public Task<Acceptance> Done => _done.Task;

    public override long Size => job.Size;

    public void Answer(AcceptOutcome outcome, string id) => _done.TrySetResult(new Acceptance(outcome, id));

    public override void Fail(Exception why) => _done.TrySetException(why);
}

/// <summary>What a claim has come to.</summary>
internal sealed class FinishChange(JobClaim claim, JobEnd end) : JobChange
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public JobClaim Claim => claim;

    public JobEnd End => end;

    public Task<bool> Done => _done.Task;

    public override long Size => end.Result?.Body.Length ?? 0;

    public void Answer(bool recorded) => _done.TrySetResult(recorded);

    public override void Fail(Exception why) => _done.TrySetException(why);
}
