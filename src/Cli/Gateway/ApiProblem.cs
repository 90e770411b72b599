using System.Text.Json;
using Admission.Cli.Output;

namespace Admission.Cli.Gateway;

/// <summary>A problem (RFC 9457) that the gateway answers with. docs/admin.md has the reasons.</summary>
internal sealed record ApiProblem(int Status, string Reason, string Title, string Detail, string? Backend, IReadOnlyList<string>? Errors, int? RetryAfter)
{
    /// <summary>Reads one; what others than gateways leave out is empty.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static ApiProblem Read(ReadOnlySpan<byte> text, int status)
    {
        var problem = JsonSerializer.Deserialize<ApiProblem>(text, Json.Document) ?? throw new JsonException("The problem is null.");
        return problem with
        {
            Status = problem.Status == 0 ? status : problem.Status,
            Reason = problem.Reason ?? "",
            Title = problem.Title ?? "The gateway says no",
            Detail = problem.Detail ?? "",
            Errors = problem.Errors is { } errors ? [.. errors.OfType<string>()] : null,
        };
    }
}
