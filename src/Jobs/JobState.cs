namespace Admission.Jobs;

/// <summary>Where a job stands. The numbers are in the store.</summary>
internal enum JobState
{
    /// <summary>Never stored: a missing field fails loudly.</summary>
    None = 0,

    /// <summary>It waits for a gateway that takes it up.</summary>
    Queued = 1,

    /// <summary>An attempt has failed, and the next one's time has not come.</summary>
    Delayed = 2,

    /// <summary>A gateway has a claim on it: it waits for a permit there, or is in the backend.</summary>
    Running = 3,

    /// <summary>It has its result.</summary>
    Done = 4,

    /// <summary>A dead letter: it has failed as often as the policy lets it, or has expired. Its result is the last failure.</summary>
    Dead = 5,

    /// <summary>Its client has cancelled it.</summary>
    Cancelled = 6,
}

/// <summary>What follows from a state.</summary>
internal static class JobStates
{
    /// <summary>Nothing happens to it any more by itself.</summary>
    public static bool IsFinal(this JobState state) => state is JobState.Done or JobState.Dead or JobState.Cancelled;
}
