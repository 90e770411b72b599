using System.Text.Json;
using Admission.Cli.Output;

namespace Admission.Cli.Gateway;

/// <summary>An answer of the admin API.</summary>
/// <param name="Body">What it says; undefined where it says nothing, or <paramref name="Problem"/> says it.</param>
/// <param name="ETag">The version of what it says, or null.</param>
/// <param name="Problem">Why there is no such answer, or null.</param>
internal sealed record ApiAnswer(JsonElement Body, string? ETag, ApiProblem? Problem)
{
    /// <summary>What it says, read.</summary>
    public T As<T>() => Body.Deserialize<T>(Json.Document) ?? throw new JsonException("The answer is null.");
}
