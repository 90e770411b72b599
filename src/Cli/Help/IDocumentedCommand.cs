namespace Admission.Cli.Help;

/// <summary>A command whose help has more than its options.</summary>
internal interface IDocumentedCommand
{
    /// <summary>Command lines that work.</summary>
    IReadOnlyList<Example> Examples { get; }

    /// <summary>What else is to be said, in lines; null for nothing.</summary>
    string? More { get; }
}

/// <summary>A command line that works.</summary>
/// <param name="Line">The command line.</param>
/// <param name="Does">What it does.</param>
internal readonly record struct Example(string Line, string Does);
