using System.Text.Json;

namespace Admission.EndToEnd.Load;

/// <summary>What is wrong with an answer, or null: the gateway's promise to those it does not serve.</summary>
internal static class Clean
{
    /// <summary>A refusal says why and when to come back, in the header and in the body.</summary>
    public static string? Refusal(HttpAnswer answer)
    {
        if (answer.Status != 503)
        {
            return $"status {answer.Status}";
        }

        if (!int.TryParse(answer.Header("Retry-After"), out var seconds) || seconds < 1)
        {
            return $"Retry-After: {answer.Header("Retry-After")}";
        }

        return Problem(answer, "type", "title", "detail", "backend", "reason", "limit", "inUse", "queued", "retryAfter");
    }

    /// <summary>A problem document that has these members.</summary>
    public static string? Problem(HttpAnswer answer, params string[] members)
    {
        if (answer.Header("Content-Type")?.StartsWith("application/problem+json", StringComparison.Ordinal) is not true)
        {
            return $"Content-Type: {answer.Header("Content-Type")}";
        }

        using var problem = JsonDocument.Parse(answer.Body);
        return members.FirstOrDefault(member => !problem.RootElement.TryGetProperty(member, out _)) is { } missing
            ? $"no '{missing}' in {answer.Body}"
            : null;
    }

    /// <summary>Everybody was served or refused cleanly: no reset, no early end, no other status.</summary>
    public static void ShouldBeServedOrRefused(LoadResult load)
    {
        var wrong = load.Answers.Where(answer => answer.Status != 200)
            .Select(answer => answer.Fault ?? Refusal(answer.Http!))
            .OfType<string>().ToArray();
        wrong.ShouldBeEmpty($"{wrong.Length} of {load.Answers.Count} answers ({load.Summary()}) are neither a 200 nor a clean refusal.");
    }
}
