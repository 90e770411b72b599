using Admission.Frontend.Buffering;
using Admission.Frontend.Configuration;

namespace Admission.Frontend.Problems;

/// <summary>Requests that do not get as far as the backend, for reasons other than its limit.</summary>
internal static class BodyProblems
{
    /// <summary>A body that could not be taken in.</summary>
    public static Problem Describe(string backend, Appended taken, BufferSettings settings) => taken == Appended.OverBound
        ? new Problem(StatusCodes.Status413PayloadTooLarge, "body-too-large", "The request's body is too large",
            $"The backend '{backend}' takes bodies of at most {settings.Max} bytes. Send less, or have RequestBuffer:Max raised.", backend)
        : new Problem(StatusCodes.Status503ServiceUnavailable, "buffers-full", "The gateway's buffers are full",
            "The gateway has no room left to take the request's body in. Try again in a second.", backend)
        { RetryAfter = 1 };

    /// <summary>A permit for a destination that a changed configuration has taken away.</summary>
    public static Problem DestinationGone(string backend) => new(
        StatusCodes.Status503ServiceUnavailable, "destination-gone", "The destination has just been removed",
        $"The place that the request was given was at a destination that the backend '{backend}' has no more. Try again in a second.", backend)
    { RetryAfter = 1 };
}
