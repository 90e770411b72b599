using System.CommandLine;

namespace Admission.Cli.Help;

/// <summary>A command that reads its options by itself, so that its mistakes can be told together with those of the command line's form.</summary>
internal interface IReadableCommand
{
    /// <summary>Looks for mistakes.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="mistakes">Takes every mistake.</param>
    void Read(ParseResult parsed, List<string> mistakes);
}
