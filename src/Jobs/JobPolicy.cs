namespace Admission.Jobs;

/// <summary>What becomes of a backend's deferred requests. docs/configuration.md lists the settings.</summary>
internal sealed record JobPolicy
{
    /// <summary>Whether a request that finds no place is stored without being asked to (<c>Overflow: Defer</c>); if not, only one with <c>Prefer: respond-async</c>.</summary>
    public bool DefersAll { get; init; }

    /// <summary>With <see cref="DefersAll"/>: how long a live request waits for a place before it is stored; it goes before every job. 0 to 1 min; default 1 s.</summary>
    public TimeSpan DeferAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The priority at which jobs ask for permits, 0 to 99; default 20, background.</summary>
    public int Priority { get; init; } = 20;

    /// <summary>Jobs of the backend that are not finished, in the whole store. 1 to 10,000,000; default 10,000.</summary>
    public int Capacity { get; init; } = 10_000;

    /// <summary>Finished jobs of the backend that are kept, in the whole store; with so many no more are taken in, because a result is never deleted before its time. 1 to 10,000,000; default 1,000,000.</summary>
    public int MaxFinished { get; init; } = 1_000_000;

    /// <summary>Bytes of all that is stored of the backend's jobs (requests, headers, results, attempts, and <see cref="NewJob.RowBytes"/> for each), in the whole store. Default 1 GiB.</summary>
    public long MaxStored { get; init; } = 1L << 30;

    /// <summary>Bytes of one request's body. Default 1 MiB.</summary>
    public long MaxBody { get; init; } = 1L << 20;

    /// <summary>Bytes of one result's body. Default 1 MiB.</summary>
    public long MaxResult { get; init; } = 1L << 20;

    /// <summary>How many jobs one gateway has claimed at once, waiting for a permit or in the backend. 1 to 10,000; default 64.</summary>
    public int AtOnce { get; init; } = 64;

    /// <summary>What the backend's policy says of tenants: whose jobs are taken up. Default: all alike, without a cap.</summary>
    public JobTenants Tenants { get; init; } = JobTenants.Alike;

    /// <summary>Attempts before a job is a dead letter. 1 to 100; default 5.</summary>
    public int Attempts { get; init; } = 5;

    /// <summary>The pause after the first failed attempt; each further one is twice as long. 10 ms to 1 h; default 1 s.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest pause. Default 5 min.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a job may take to be finished; after that it is a dead letter. Default 1 day.</summary>
    public TimeSpan Ttl { get; init; } = TimeSpan.FromDays(1);

    /// <summary>How long a finished job and its result are kept. Default 1 day.</summary>
    public TimeSpan ResultTtl { get; init; } = TimeSpan.FromDays(1);

    /// <summary>The shortest <see cref="ClaimTtl"/>.</summary>
    public static TimeSpan ShortestClaimTtl { get; } = TimeSpan.FromSeconds(1);

    /// <summary>How long a gateway's claim on a job holds without renewal: a killed gateway's jobs are taken up by another one after that. 1 s to 10 min; default 30 s.</summary>
    public TimeSpan ClaimTtl { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Where clients may have it told that a job is finished: how the address begins. Empty (the default): nowhere.</summary>
    public IReadOnlyList<string> Callbacks { get; init; } = [];

    /// <summary>The key that callbacks are signed with; null where there are none.</summary>
    public string? CallbackKey { get; init; }
}
