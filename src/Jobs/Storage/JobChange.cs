using System.Text;

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

/// <summary>Something about a claim. Everybody who changes several claims at once takes them in the order of their jobs' ids, so that nobody waits for somebody who waits for him.</summary>
internal abstract class ClaimChange(JobClaim claim) : JobChange
{
    private readonly TaskCompletionSource<bool> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public JobClaim Claim => claim;

    /// <summary>Whether the claim held.</summary>
    public Task<bool> Done => _done.Task;

    public void Answer(bool recorded) => _done.TrySetResult(recorded);

    public override void Fail(Exception why) => _done.TrySetException(why);
}

/// <summary>What a claim has come to.</summary>
internal sealed class FinishChange(JobClaim claim, JobEnd end) : ClaimChange(claim)
{
    public JobEnd End => end;

    /// <summary>For the job's history.</summary>
    public string Line { get; } = end.Attempt?.ToLine() ?? "";

    /// <summary>The result's headers; null for none.</summary>
    public byte[]? Headers { get; } = end.Result?.HeadersToBytes();

    /// <summary>Bytes that are stored with it.</summary>
    public override long Size => Encoding.UTF8.GetByteCount(Line) + (Headers?.Length ?? 0) + (end.Result?.Body.Length ?? 0);
}

/// <summary>The request of a claim is about to be sent, or was not after all.</summary>
internal sealed class MarkChange(JobClaim claim, bool sent, TimeSpan ttl) : ClaimChange(claim)
{
    public bool Sent => sent;

    public TimeSpan Ttl => ttl;

    public override long Size => 0;
}
