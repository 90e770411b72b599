namespace Admission.Jobs;

/// <summary>A job as the store has it, without what its client sent. Times are milliseconds since 1970 by the store's clock.</summary>
internal sealed class JobRecord
{
    public long Seq { get; init; }

    public string Id { get; init; } = "";

    public string Backend { get; init; } = "";

    public string Tenant { get; init; } = "";

    public string? Owner { get; init; }

    public JobState State { get; init; }

    public int Attempts { get; init; }

    public string History { get; init; } = "";

    public long AcceptedAt { get; init; }

    public long DueAt { get; init; }

    public long ExpiresAt { get; init; }

    public long? FinishedAt { get; init; }

    public int? ResultStatus { get; init; }

    /// <summary>The store's clock when it was asked.</summary>
    public long Now { get; init; }
}

/// <summary>Which jobs are listed.</summary>
internal sealed record JobFilter
{
    public string? Backend { get; init; }

    public JobState? State { get; init; }

    public string? Tenant { get; init; }

    /// <summary>Only those that were stored before the one with this number; null for the newest.</summary>
    public long? Before { get; init; }

    /// <summary>At most so many.</summary>
    public int Most { get; init; } = 50;
}

/// <summary>A job's place.</summary>
/// <param name="Ahead">Jobs that are taken up before it.</param>
/// <param name="FinishedLately">Jobs of the backend that were finished in the last minute.</param>
internal readonly record struct JobPlace(long Ahead, long FinishedLately)
{
    /// <summary>How long until it is taken up, at the last minute's pace; null where nothing was finished.</summary>
    public TimeSpan? ExpectedStart => FinishedLately == 0 ? null : TimeSpan.FromSeconds(60.0 * Ahead / FinishedLately);
}
