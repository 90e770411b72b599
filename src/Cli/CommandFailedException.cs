namespace Admission.Cli;

/// <summary>A command cannot go on: told on the error output, and the process ends with an exit code.</summary>
internal sealed class CommandFailedException : Exception
{
    public CommandFailedException(int exitCode, string message, params IReadOnlyList<string> details)
        : base(message)
    {
        ExitCode = exitCode;
        Details = details;
    }

    /// <summary>One of <see cref="ExitCodes"/>.</summary>
    public int ExitCode { get; }

    /// <summary>Every single reason, where there are several.</summary>
    public IReadOnlyList<string> Details { get; }
}
