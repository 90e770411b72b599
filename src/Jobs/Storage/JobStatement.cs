namespace Admission.Jobs.Storage;

/// <summary>A statement that changes something, with its parameters.</summary>
internal readonly record struct JobStatement(string Sql, params (string Name, object? Value)[] Parameters);
