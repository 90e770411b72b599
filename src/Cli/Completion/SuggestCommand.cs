using System.CommandLine;

namespace Admission.Cli.Completion;

/// <summary>What the scripts of <see cref="CompletionCommand"/> call: prints what the last word may become, a line each. Not for people.</summary>
internal sealed class SuggestCommand : Command
{
    public const string CommandName = "__complete";

    private readonly Argument<string[]> _words = new("WORDS") { Arity = ArgumentArity.ZeroOrMore, CaptureRemainingTokens = true };

    public SuggestCommand(CommandContext context)
        : base(CommandName, "Prints what the last word may become.")
    {
        Hidden = true;
        TreatUnmatchedTokensAsErrors = false;
        Add(_words);
        SetAction(parsed =>
        {
            foreach (var word in Suggest(context, parsed.GetValue(_words) ?? []))
            {
                context.Output.WriteLine(word);
            }

            return ExitCodes.Done;
        });
    }

    /// <summary>What the last of the words may become.</summary>
    /// <param name="context">The world around it.</param>
    /// <param name="words">The command line up to the cursor, without the command's own name; the last word is empty where a new one begins.</param>
    public static IReadOnlyList<string> Suggest(CommandContext context, IReadOnlyList<string> words)
    {
        var word = words.Count > 0 ? words[^1] : "";
        var line = string.Join(' ', words.Select(each => each.Contains(' ') ? $"\"{each}\"" : each));

        // Options only where one is begun: else they would stand before names, and where files are meant.
        return
        [
            .. AdmissionCommand.Create(context).Parse(line).GetCompletions(line.Length).Select(each => each.InsertText ?? each.Label)
                .Where(each => each.StartsWith(word, StringComparison.OrdinalIgnoreCase) && (word.StartsWith('-') ? each.StartsWith("--", StringComparison.Ordinal) : !each.StartsWith('-') && !each.StartsWith('/')))
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
        ];
    }
}
