using System.CommandLine;
using System.CommandLine.Invocation;
using Admission.Cli.KeyCommands;
using Admission.Cli.Simulate;

namespace Admission.Cli;

/// <summary>The command line <c>admission</c>: its commands, and what they have in common.</summary>
internal static class AdmissionCommand
{
    /// <summary>The exit code of a command line, or a file that it names, with mistakes.</summary>
    public const int Mistaken = 2;

    /// <summary>The exit code of a run that Ctrl-C ended, as shells have it.</summary>
    public const int Interrupted = 130;

    /// <summary>Runs one command.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="output">Takes what was asked for.</param>
    /// <param name="errors">Takes the mistakes, all of them at once.</param>
    /// <param name="time">A real clock, to measure with.</param>
    /// <param name="stop">Ends it early.</param>
    /// <returns>The exit code.</returns>
    public static int Run(IReadOnlyList<string> arguments, TextWriter output, TextWriter errors, TimeProvider time, CancellationToken stop = default)
    {
        var simulate = new SimulateCommand(output, errors, time, stop);
        var root = new RootCommand("Admission keeps backends within their limits. This is its command line: admission COMMAND --help tells more about each command.") { simulate, new KeyCommand(output) };
        var parsed = root.Parse(arguments);
        try
        {
            if (parsed.Action is not ParseErrorAction)
            {
                return parsed.Invoke(new InvocationConfiguration { Output = output, Error = errors, EnableDefaultExceptionHandler = false });
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return Interrupted;
        }

        var mistakes = parsed.Errors.Select(error => error.Message).ToList();
        if (ReferenceEquals(parsed.CommandResult.Command, simulate))
        {
            simulate.Read(parsed, mistakes);
        }

        return Fail(errors, mistakes, parsed.CommandResult.Command.Name);
    }

    /// <summary>Tells the mistakes.</summary>
    /// <returns>The exit code.</returns>
    public static int Fail(TextWriter errors, IReadOnlyList<string> mistakes, string command)
    {
        foreach (var mistake in mistakes)
        {
            errors.WriteLine(mistake);
        }

        errors.WriteLine($"See admission {(command == SimulateCommand.CommandName ? $"{command} " : "")}--help.");
        return Mistaken;
    }
}
