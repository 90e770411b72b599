using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Admission.Cli.Help;

/// <summary>The usual help, and below it examples, and what every script wants to know.</summary>
internal sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    private const string Everywhere =
        """
        Exit codes:
          0    done
          1    no: the gateway refuses, there is no such thing, nobody has confirmed, or a checked configuration has mistakes
          2    the command line, or a file that it names, has mistakes
          3    nobody answers: the gateway, or the ledger or store behind it; it may work later
          4    the gateway wants a key, or another one (401, 403)
          130  ended by Ctrl-C or a signal

        Environment:
          ADMISSION_URL  the gateway, where --url does not say
          ADMISSION_KEY  the API key, where --key-file does not say
          NO_COLOR       no colours, whatever its value

        docs/cli.md tells more.
        """;

    public override bool ClearsParseErrors => true;

    /// <summary>Puts it into all help options of a command.</summary>
    public static void Use(RootCommand root)
    {
        foreach (var option in root.Options.OfType<HelpOption>())
        {
            option.Action = new HelpWithExamples((HelpAction)option.Action!);
        }
    }

    public override int Invoke(ParseResult parseResult)
    {
        var code = usual.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        var command = parseResult.CommandResult.Command;
        if (command is IDocumentedCommand documented)
        {
            if (documented.Examples.Count > 0)
            {
                output.WriteLine("Examples:");
                var width = documented.Examples.Max(example => example.Line.Length);
                foreach (var example in documented.Examples)
                {
                    output.WriteLine($"  {example.Line.PadRight(width)}  {example.Does}".TrimEnd());
                }

                output.WriteLine();
            }

            if (documented.More is { } more)
            {
                output.WriteLine(more);
                output.WriteLine();
            }
        }

        if (command is RootCommand)
        {
            output.WriteLine(Everywhere);
        }

        return code;
    }
}
