using System.Text.Json;

namespace Admission.EndToEnd.Cluster.Jobs;

/// <summary>A job's result as somebody saw it.</summary>
/// <param name="State">Done, or dead.</param>
/// <param name="Status">The backend's status.</param>
/// <param name="Body">Its body.</param>
/// <param name="Work">Which work of the backend's it is the answer of: an attempt that was repeated has another one.</param>
internal sealed record JobResultSeen(string State, int Status, string Body, string Work)
{
    /// <summary>Reads the answer of <c>/result</c>; null while there is none.</summary>
    public static JobResultSeen? Of(HttpAnswer answer) => answer.Header("X-Admission-Job-State") is "done" or "dead"
        ? new(answer.Header("X-Admission-Job-State")!, answer.Status, answer.Body, answer.Header("X-Work") ?? "")
        : null;

    /// <summary>Reads a whole stream of events; null if it ended before the result.</summary>
    public static JobResultSeen? OfEvents(string stream)
    {
        var (state, name) = ("", "");
        foreach (var line in stream.Split('\n'))
        {
            if (line.StartsWith("event: ", StringComparison.Ordinal))
            {
                name = line[7..];
            }
            else if (line.StartsWith("data: ", StringComparison.Ordinal))
            {
                using var data = JsonDocument.Parse(line.AsMemory(6));
                if (name == "result")
                {
                    return OfEvent(state, data.RootElement);
                }

                state = name == "job" ? data.RootElement.GetProperty("state").GetString()! : state;
            }
        }

        return null;
    }

    private static JobResultSeen OfEvent(string state, JsonElement result)
    {
        var work = result.GetProperty("headers").TryGetProperty("X-Work", out var header) ? header[0].GetString()! : "";
        return new(state, result.GetProperty("status").GetInt32(), result.GetProperty("body").GetString()!, work);
    }
}
