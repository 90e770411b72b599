namespace Admission.Cli;

/// <summary>How a command ends, for scripts. docs/cli.md and <c>admission --help</c> list them.</summary>
internal static class ExitCodes
{
    /// <summary>Done.</summary>
    public const int Done = 0;

    /// <summary>The answer is no: the gateway refuses, there is no such thing, nobody has confirmed, or a checked configuration has mistakes.</summary>
    public const int Refused = 1;

    /// <summary>The command line, or a file that it names, has mistakes.</summary>
    public const int Mistaken = 2;

    /// <summary>Nobody answers: the gateway, or the ledger or the store behind it. It may work later.</summary>
    public const int Unreachable = 3;

    /// <summary>The gateway wants a key, or another one (401, 403).</summary>
    public const int NotAllowed = 4;

    /// <summary>Of <c>run</c>: there were no permits. As sysexits.h has it for what may work later.</summary>
    public const int NoPermits = 75;

    /// <summary>Of <c>run</c>: the lease was lost, and the command stopped. As <c>timeout</c> has it.</summary>
    public const int LeaseLost = 124;

    /// <summary>Of <c>run</c>: the command cannot be started. As shells have it.</summary>
    public const int CommandNotStarted = 126;

    /// <summary>Of <c>run</c>: there is no such command. As shells have it.</summary>
    public const int CommandNotFound = 127;

    /// <summary>Ctrl-C, or a signal, ended it; as shells have it.</summary>
    public const int Interrupted = 130;
}
