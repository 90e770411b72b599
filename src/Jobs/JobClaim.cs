namespace Admission.Jobs;

/// <summary>A gateway's right to run a job, until it has recorded how it went or the claim has run out.</summary>
/// <param name="Id">The job.</param>
/// <param name="Backend">Its backend.</param>
/// <param name="Tenant">Its tenant; empty for none.</param>
/// <param name="Fence">Grows with each claim of the job: what an older claim wants to record is refused.</param>
/// <param name="Attempts">Attempts before this one.</param>
/// <param name="Request">A <see cref="StoredRequest"/> in bytes.</param>
/// <param name="Body">Its body.</param>
internal sealed record JobClaim(string Id, string Backend, string Tenant, long Fence, int Attempts, byte[] Request, byte[] Body)
{
    /// <summary>Somebody wants to be told when it is finished.</summary>
    public bool HasCallback { get; init; }

    /// <summary>How long it may still take, from when the claim was asked for; as good as no end where nobody says.</summary>
    public TimeSpan TimeLeft { get; init; } = TimeSpan.FromDays(3650);
}

/// <summary>What a claim's holder has to record.</summary>
/// <param name="State">The job's new state.</param>
/// <param name="Lasts">For a final state how long the job is kept, else how long until it may be taken up again.</param>
internal sealed record JobEnd(JobState State, TimeSpan Lasts)
{
    /// <summary>The line for the job's history; null for none.</summary>
    public JobAttempt? Attempt { get; init; }

    /// <summary>Whether that was an attempt; default true. False for what is only written down.</summary>
    public bool CountsAttempt { get; init; } = true;

    /// <summary>The result; for final states.</summary>
    public JobResult? Result { get; init; }
}
