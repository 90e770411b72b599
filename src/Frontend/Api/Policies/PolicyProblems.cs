using Admission.Frontend.Problems;

namespace Admission.Frontend.Api.Policies;

/// <summary>Why a policy is not changed.</summary>
internal static class PolicyProblems
{
    /// <summary>The most bytes of a patch.</summary>
    public const int LargestPatch = 64 << 10;

    public static Problem NoPrecondition(string backend, string etag) => new(StatusCodes.Status428PreconditionRequired, "if-match-required", "The change must say what it changes",
        $"Send the header If-Match with the ETag of the policy that you have seen, so that two operators do not undo each other unawares. At present it is {etag}; If-Match: * is for any.", backend);

    public static Problem Stale(string backend, string etag) => new(StatusCodes.Status412PreconditionFailed, "policy-changed", "The policy has changed meanwhile",
        $"The policy of '{backend}' is not the one that If-Match names: its ETag is {etag}. Look at it again (GET), and send the change with that, if it is still wanted. Nothing was changed.", backend);

    public static Problem Invalid(string backend, IReadOnlyList<string> errors) => new(StatusCodes.Status422UnprocessableEntity, "invalid-policy", "The change is refused",
        $"The change has {(errors.Count == 1 ? "a mistake" : $"{errors.Count} mistakes")}, and nothing of it was applied: {string.Join(" ", errors)}", backend)
    { Errors = errors };

    public static Problem NoJson(string backend, string why) => new(StatusCodes.Status400BadRequest, "invalid-json", "The body is no JSON object",
        $"The body is to be a JSON merge patch, an object such as {{\"limit\": 4}}: {why}", backend);

    public static Problem NotAPatch(string backend, string? type) => new(StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "The body is of another type",
        $"The body's Content-Type is '{type}'. Send application/merge-patch+json (or application/json).", backend);

    public static Problem TooLarge(string backend) => new(StatusCodes.Status413PayloadTooLarge, "body-too-large", "The body is too large",
        $"A change of a policy has at most {LargestPatch} bytes.", backend);

    public static Problem Busy(string backend) => new(StatusCodes.Status409Conflict, "policy-changes", "The policy is being changed",
        $"The policy of '{backend}' was changed by others again and again meanwhile. Nothing was changed; look at it, and try again.", backend);
}
