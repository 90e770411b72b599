using Admission.Frontend.Problems;
using Admission.Grains.Configuration;
using Admission.Jobs;

namespace Admission.Frontend.Deferring;

/// <summary>Requests about jobs that cannot be met.</summary>
internal static class JobProblems
{
    /// <summary>There is none, or it is not the caller's.</summary>
    public static Problem Unknown { get; } = new(
        StatusCodes.Status404NotFound, "unknown-job", "The job is not known",
        "There is no job with this id: it may have been kept as long as it is kept (Jobs:ResultTtl), or the id is not complete.");

    /// <summary>Its result will never be.</summary>
    public static Problem Cancelled { get; } = new(StatusCodes.Status410Gone, "job-cancelled", "The job was cancelled", "The job was cancelled before it had a result.");

    /// <summary>The database or the file does not answer.</summary>
    public static Problem Unavailable { get; } = new(
        StatusCodes.Status503ServiceUnavailable, "jobs-unavailable", "The store of jobs cannot be reached",
        "Jobs can neither be stored nor looked up at present. Try again in a few seconds.")
    { RetryAfter = 5 };

    /// <summary>Too many ask.</summary>
    public static Problem Busy { get; } = new(
        StatusCodes.Status503ServiceUnavailable, "jobs-busy", "Too much is asked about jobs",
        "More is asked about jobs at present than is looked up at once. Try again in a few seconds, or wait for the job's end with Prefer: wait=N.")
    { RetryAfter = 2 };

    /// <summary>Too many wait.</summary>
    public static Problem TooManyWatching(int most) => new(
        StatusCodes.Status503ServiceUnavailable, "too-many-watching", "Too many requests wait for jobs",
        $"{most} long polls and event streams are open at this gateway, and no more are. Ask without waiting, or have Admission:Jobs:MaxWatching raised.")
    { RetryAfter = 5 };

    /// <summary>It is not as it should be for what is asked.</summary>
    public static Problem WrongState(string detail) => new(StatusCodes.Status409Conflict, "wrong-job-state", "The job's state does not allow that", detail);

    /// <summary>A filter or a number that is not understood.</summary>
    public static Problem InvalidQuery(string name, string value, string accepted) => new(
        StatusCodes.Status400BadRequest, "invalid-query", "A parameter of the query is not understood", $"The parameter {name} is '{value}'. Accepted is {accepted}.");

    /// <summary>The body cannot be stored.</summary>
    public static Problem TooLarge(string backend, JobPolicy policy) => new(
        StatusCodes.Status413PayloadTooLarge, "job-body-too-large", "The request is too large to be stored",
        $"There is no place for the request at the backend '{backend}' now, and it cannot be stored: bodies of at most {ByteSizes.Format(policy.MaxBody)} are. "
        + "Send it again later, or have Jobs:MaxBody raised.",
        backend);

    /// <summary>As many are stored as may be.</summary>
    public static Problem Full(string backend, AcceptOutcome outcome, int retryAfter, JobPolicy policy) => new(
        StatusCodes.Status503ServiceUnavailable, "jobs-full", "No more requests can be stored",
        outcome switch
        {
            AcceptOutcome.Full =>
                $"{policy.Capacity} jobs of the backend '{backend}' are not finished yet, and no more are stored. Try again later, or have Jobs:Capacity raised.",
            AcceptOutcome.ResultsFull =>
                $"{policy.MaxFinished} finished jobs of the backend '{backend}' are kept, and no more are taken in. Try again later, or have Jobs:MaxFinished raised or Jobs:ResultTtl lowered.",
            _ => $"The jobs of the backend '{backend}', finished ones too, take {ByteSizes.Format(policy.MaxStored)}, and no more are stored. "
                + "Try again later, or have Jobs:MaxStored raised or Jobs:ResultTtl lowered.",
        },
        backend)
    { RetryAfter = retryAfter };

    /// <summary>One key for two requests.</summary>
    public static Problem KeyReused(string backend) => new(
        StatusCodes.Status422UnprocessableEntity, "idempotency-key-reused", "The idempotency key stands for another request",
        $"A request with the same Idempotency-Key but another method, address or body is stored already. Give each request a key of its own.", backend);

    /// <summary>A key that cannot be one.</summary>
    public static Problem InvalidKey { get; } = new(
        StatusCodes.Status400BadRequest, "invalid-header", "A header is not understood",
        $"The header {JobHeaders.IdempotencyKey} is repeated, empty or too long. Accepted is one value of 1 to {JobHeaders.LongestKey} characters.");

    /// <summary>A callback that is not allowed.</summary>
    public static Problem CallbackRefused(string backend, string url) => new(
        StatusCodes.Status400BadRequest, "callback-not-allowed", "The callback address is not allowed",
        $"The address '{url}' in {JobCallbacks.Header} does not begin with one of those that the backend '{backend}' lists in Jobs:Callbacks:Allow.", backend);
}
