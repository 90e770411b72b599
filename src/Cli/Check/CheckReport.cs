namespace Admission.Cli.Check;

/// <summary>What was found in one configuration.</summary>
/// <param name="File">Its file; several, with a plus between them, where they were checked together.</param>
/// <param name="Backends">Backends with a policy.</param>
/// <param name="Mistakes">The mistakes.</param>
internal sealed record CheckReport(string File, int Backends, IReadOnlyList<Mistake> Mistakes);

/// <summary>A mistake in a configuration.</summary>
/// <param name="File">The file that has the setting.</param>
/// <param name="Key">The setting; null where the file as a whole is wrong.</param>
/// <param name="Message">What is wrong, and what to do.</param>
internal sealed record Mistake(string File, string? Key, string Message);
