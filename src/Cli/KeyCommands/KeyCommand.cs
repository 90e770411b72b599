using System.CommandLine;
using Admission.Cli.Help;

namespace Admission.Cli.KeyCommands;

/// <summary><c>admission key</c>: what has to do with keys.</summary>
internal sealed class KeyCommand : Command, IDocumentedCommand
{
    /// <param name="output">Takes what is made.</param>
    public KeyCommand(TextWriter output)
        : base("key", "Makes keys for callers of the admin API.") => Add(new NewKeyCommand(output));

    public IReadOnlyList<Example> Examples { get; } = [new("admission key new --role viewer", "for somebody who looks")];

    public string? More => null;
}
