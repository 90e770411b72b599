using Admission.Frontend.Holding;

namespace Admission.Frontend.Api;

/// <summary>An answer in an event: of a job, or of a request whose connection was held.</summary>
/// <param name="Status">The answer's status; null for a cancelled job.</param>
/// <param name="Headers">Its headers.</param>
/// <param name="Body">Its body, where that is UTF-8.</param>
/// <param name="Base64">Its body, where it is not.</param>
internal sealed record ResultEvent(int? Status, IReadOnlyDictionary<string, string?[]>? Headers, string? Body, string? Base64)
{
    /// <summary>Puts an answer into one.</summary>
    public static ResultEvent Of(int status, IReadOnlyDictionary<string, string?[]> headers, ReadOnlySpan<byte> body)
    {
        var text = HeldAnswer.TextOf(body);
        return new ResultEvent(status, headers, text, text is null ? Convert.ToBase64String(body) : null);
    }
}
