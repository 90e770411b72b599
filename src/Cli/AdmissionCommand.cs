using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using Admission.Cli.BackendCommands;
using Admission.Cli.Check;
using Admission.Cli.ClusterCommands;
using Admission.Cli.Completion;
using Admission.Cli.ExplainCommands;
using Admission.Cli.Gateway;
using Admission.Cli.Help;
using Admission.Cli.JobCommands;
using Admission.Cli.KeyCommands;
using Admission.Cli.PolicyCommands;
using Admission.Cli.Run;
using Admission.Cli.Simulate;
using Admission.Cli.Top;
using Admission.Grains.Configuration;

namespace Admission.Cli;

/// <summary>The command line <c>admission</c>: its commands, and what they have in common.</summary>
internal static class AdmissionCommand
{
    private const string Description = "Admission keeps backends within their limits. This is its command line: admission COMMAND --help tells more about each command.";

    /// <summary>Runs one command.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="context">The world around it.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    public static int Run(IReadOnlyList<string> arguments, CommandContext context)
    {
        var parsed = Create(context).Parse(arguments);
        var strayed = Strayed(parsed);
        if (parsed.Action is ParseErrorAction || strayed.Count > 0)
        {
            return FailParse(parsed, strayed, context.Errors);
        }

        try
        {
            // The process's own signals end it by the context's token.
            var invocation = new InvocationConfiguration { Output = context.Output, Error = context.Errors, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return parsed.InvokeAsync(invocation, context.Stop).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (context.Stop.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
        catch (CommandFailedException failed)
        {
            context.Tell(failed.Message);
            foreach (var detail in failed.Details)
            {
                context.Tell($"  {detail}");
            }

            return failed.ExitCode;
        }
    }

    /// <summary>All commands.</summary>
    public static RootCommand Create(CommandContext context)
    {
        var root = new RootCommand(Description)
        {
            new TopCommand(context),
            new BackendsCommand(context),
            new SetCommand(context),
            new ResetCommand(context),
            SwitchCommand.Pause(context),
            SwitchCommand.Resume(context),
            SwitchCommand.Drain(context),
            SwitchCommand.Undrain(context),
            new ExplainCommand(context),
            new DecisionsCommand(context),
            new HistoryCommand(context),
            new AuditCommand(context),
            new JobsCommand(context),
            new RunCommand(context),
            new ClusterCommand(context),
            new VersionCommand(context),
            new KeyCommand(context.Output),
            new CheckConfigCommand(context),
            new SimulateCommand(context),
            new CompletionCommand(context),
            new SuggestCommand(context),
        };
        GatewayCommand.AddCommonOptions(root);
        HelpWithExamples.Use(root);
        return root;
    }

    /// <summary>Tells the mistakes.</summary>
    /// <returns>The exit code.</returns>
    public static int Fail(TextWriter errors, IEnumerable<string> mistakes, Command command)
    {
        foreach (var mistake in mistakes)
        {
            errors.WriteLine(mistake);
        }

        errors.WriteLine($"See {NameOf(command)} --help.");
        return ExitCodes.Mistaken;
    }

    private static int FailParse(ParseResult parsed, IReadOnlyList<string> strayed, TextWriter errors)
    {
        var command = parsed.CommandResult.Command;
        if (parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash).Any(token => token.Value is "--key" || token.Value.StartsWith("--key=", StringComparison.Ordinal)))
        {
            // Nothing of such a line is repeated.
            return Fail(errors, ["A key on a command line is seen by everybody on the machine. Put it into a file and give --key-file, or into the variable ADMISSION_KEY."], command);
        }

        var mistakes = parsed.Errors.Select(error => error.Message).ToList();
        if (parsed.UnmatchedTokens is [var unknown, ..] && command.Subcommands.Count > 0)
        {
            var meant = Spelling.DidYouMean(unknown, command.Subcommands.Where(each => !each.Hidden).Select(each => each.Name));
            mistakes.AddRange(meant.Length > 0 ? [meant.TrimStart()] : []);
        }

        var options = command.Options.Where(option => !option.Hidden).Select(option => option.Name).ToArray();
        mistakes.AddRange(strayed.Select(option => $"There is no option {option}.{Spelling.DidYouMean(option, options)}"));
        if (command is IReadableCommand readable)
        {
            readable.Read(parsed, mistakes);
        }

        return Fail(errors, mistakes, command);
    }

    /// <summary>Misspelt options that were taken for arguments. What comes after <c>--</c> is meant as it is.</summary>
    private static IReadOnlyList<string> Strayed(ParseResult parsed) => parsed.CommandResult.Command is SuggestCommand ? [] :
    [
        .. parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens).Select(token => token.Value)
            .SkipLast(parsed.Tokens.SkipWhile(static token => token.Type != TokenType.DoubleDash).Skip(1).Count())
            .Where(value => value.StartsWith("--", StringComparison.Ordinal) && value.Length > 2),
    ];

    private static string NameOf(Command command) =>
        command.Parents.OfType<Command>().FirstOrDefault() is { } parent ? $"{NameOf(parent)} {command.Name}" : "admission";
}
