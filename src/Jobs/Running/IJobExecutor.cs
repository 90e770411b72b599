namespace Admission.Jobs.Running;

/// <summary>Asks for a permit for a job as for any request, and forwards it.</summary>
internal interface IJobExecutor
{
    /// <summary>Tries once.</summary>
    /// <param name="attempt">The try.</param>
    /// <param name="cancellation">The claim is lost or the job cancelled: a ticket is given up; what is in the backend goes on as for a client that has left.</param>
    /// <returns>What came of it. It does not throw for anything that the backend, the request or the cancellation does.</returns>
    Task<JobRun> RunAsync(JobTry attempt, CancellationToken cancellation);
}

/// <summary>One try of a job.</summary>
/// <param name="Claim">The job.</param>
/// <param name="Policy">The backend's policy for jobs.</param>
/// <param name="MaxWait">How long it may wait for its permit; the policy's bound holds too.</param>
/// <param name="BeforeSending">To be asked with the permit in hand, before anything is sent. If the answer is no, nothing is to be sent, and the permit goes back.</param>
internal sealed record JobTry(JobClaim Claim, JobPolicy Policy, TimeSpan MaxWait, Func<Task<bool>> BeforeSending);

/// <summary>What a try has come to.</summary>
internal enum JobRunKind
{
    /// <summary>Nothing yet.</summary>
    None = 0,

    /// <summary>The backend has answered, with whatever status.</summary>
    Answered,

    /// <summary>It was tried, and there is no whole answer of the backend.</summary>
    Failed,

    /// <summary>Nothing was sent, because there was no place: it is to be asked for again.</summary>
    NoPlace,

    /// <summary>It was cancelled before it was sent, or nobody knows any more what became of it.</summary>
    GivenUp,

    /// <summary>It can never be sent as it is.</summary>
    Impossible,
}

/// <summary>What a try has come to.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Started">When the try began: when it was sent, where it was.</param>
internal sealed record JobRun(JobRunKind Kind, DateTimeOffset Started)
{
    /// <summary>The answer: the backend's, or the gateway's own words for why there is none.</summary>
    public JobResult? Result { get; init; }

    /// <summary>Why there is no answer, in kebab-case.</summary>
    public string? Reason { get; init; }

    /// <summary>Where it went.</summary>
    public string? Destination { get; init; }

    /// <summary>With <see cref="JobRunKind.NoPlace"/>: how long until it is worth asking; otherwise what the backend has said about trying again.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
