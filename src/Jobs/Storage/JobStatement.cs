namespace Admission.Jobs.Storage;

/// <summary>A statement that changes something, with its parameters.</summary>
internal readonly record struct JobStatement(string Sql, params (string Name, object? Value)[] Parameters)
{
    /// <summary>The job that it stores; null for every other statement. A database may store several in one statement of its own.</summary>
    public NewJob? Stores { get; init; }
}
