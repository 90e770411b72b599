namespace Admission.Cli.Gateway;

/// <summary>A problem (RFC 9457) that the gateway answers with. docs/admin.md has the reasons.</summary>
internal sealed record ApiProblem(int Status, string Reason, string Title, string Detail, string? Backend, IReadOnlyList<string>? Errors, int? RetryAfter);
