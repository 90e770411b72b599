using System.CommandLine;
using Admission.Cli.Help;
using Admission.Cli.Tests.Support;

namespace Admission.Cli.Tests;

public sealed class HelpTests
{
    // Nobody may be asked for help, or it would take seconds where nobody answers.
    private readonly CommandLine _cli = new("http://192.0.2.1");

    public static TheoryData<string> Commands()
    {
        var commands = new TheoryData<string>();
        Collect(AdmissionCommand.Create(new CommandLine("http://192.0.2.1").Context(TextWriter.Null, TextWriter.Null)), "");
        return commands;

        void Collect(Command command, string path)
        {
            foreach (var child in command.Subcommands.Where(child => !child.Hidden))
            {
                commands.Add($"{path}{child.Name}");
                Collect(child, $"{path}{child.Name} ");
            }
        }
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Each_command_has_an_example_that_is_its_own(string command)
    {
        var help = _cli.Done([.. command.Split(' '), "--help"]);
        help.ShouldContain($"admission {command}");
        var examples = help[help.IndexOf("Examples:", StringComparison.Ordinal)..];
        examples.ShouldContain($"admission {command}");
    }

    [Theory]
    [MemberData(nameof(Commands))]
    public void Each_example_can_be_read(string command)
    {
        var root = AdmissionCommand.Create(_cli.Context(TextWriter.Null, TextWriter.Null));
        var found = command.Split(' ').Aggregate((Command)root, (parent, name) => parent.Subcommands.Single(child => child.Name == name));
        foreach (var example in ((IDocumentedCommand)found).Examples.Where(example => example.Line.StartsWith("admission ", StringComparison.Ordinal)))
        {
            var line = example.Line["admission ".Length..].Split('|')[0].Trim();
            root.Parse(line).Errors.Select(error => error.Message).ShouldBeEmpty(example.Line);
        }
    }

    [Fact]
    public void The_whole_help_has_exit_codes_and_variables()
    {
        var help = _cli.Done("--help");
        help.ShouldContain("Exit codes:");
        help.ShouldContain("ADMISSION_KEY");
        help.ShouldNotContain("__complete");
    }
}
