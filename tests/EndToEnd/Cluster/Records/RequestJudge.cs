using System.Text.Json;

namespace Admission.EndToEnd.Cluster.Records;

/// <summary>Says what an answer is worth to the client that got it.</summary>
internal static class RequestJudge
{
    /// <summary>Judges an answer.</summary>
    /// <param name="id">The request's id, which is the body of the backend's own answer.</param>
    /// <param name="answer">The answer.</param>
    public static (RequestEnd End, string Detail) Of(string id, HttpAnswer answer)
    {
        if (answer.Status == 200)
        {
            return answer.Body == id ? (RequestEnd.Served, "") : (RequestEnd.Wrong, "200 with a body that is not its own");
        }

        var wrong = Clean.Problem(answer, "type", "title", "detail", "reason");
        if (wrong is not null)
        {
            return (RequestEnd.Wrong, $"{answer.Status}: {wrong}");
        }

        using var problem = JsonDocument.Parse(answer.Body);
        var reason = problem.RootElement.GetProperty("reason").GetString()!;
        return answer.Status switch
        {
            503 or 429 when !int.TryParse(answer.Header("Retry-After"), out var seconds) || seconds < 1 =>
                (RequestEnd.Wrong, $"{answer.Status} {reason} without Retry-After"),
            503 or 429 or 504 => (RequestEnd.Refused, reason),
            _ => (RequestEnd.Unclean, $"{answer.Status} {reason}"),
        };
    }
}
