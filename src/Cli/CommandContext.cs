using Admission.Cli.Output;
using Admission.Cli.Terminals;

namespace Admission.Cli;

/// <summary>What a command has of the world around it.</summary>
/// <param name="Output">Takes what was asked for.</param>
/// <param name="Errors">Takes mistakes, failures, and questions where the output is for programs.</param>
/// <param name="Time">A real clock.</param>
/// <param name="Stop">Ends it early.</param>
internal sealed record CommandContext(TextWriter Output, TextWriter Errors, TimeProvider Time, CancellationToken Stop)
{
    /// <summary>Where answers to questions come from; null if nobody is there to ask.</summary>
    public TextReader? Input { get; init; }

    /// <summary>The terminal behind <see cref="Output"/>; null if there is none.</summary>
    public ITerminal? Terminal { get; init; }

    /// <summary>Opens the output for bytes.</summary>
    public Func<Stream> OpenOutput { get; init; } = static () => Stream.Null;

    /// <summary>Variables of the environment.</summary>
    public Func<string, string?> Variable { get; init; } = static _ => null;

    /// <summary>Colours are for terminals, and not for whoever sets NO_COLOR (no-color.org).</summary>
    public bool HasColours => Terminal is not null && string.IsNullOrEmpty(Variable("NO_COLOR"));

    /// <summary>Tells something on the error output, without control characters: what others say is in most of it.</summary>
    public void Tell(string message) => Errors.WriteLine(Plain.Text(message));
}
