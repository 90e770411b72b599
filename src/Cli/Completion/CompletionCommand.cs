using System.CommandLine;
using Admission.Cli.Help;

namespace Admission.Cli.Completion;

/// <summary><c>admission completion</c>: a script that teaches a shell the commands, the options, and the names of backends.</summary>
internal sealed class CompletionCommand : Command, IDocumentedCommand
{
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = CompletionScripts.Bash,
        ["zsh"] = CompletionScripts.Zsh,
        ["fish"] = CompletionScripts.Fish,
        ["pwsh"] = CompletionScripts.PowerShell,
    };

    public CompletionCommand(CommandContext context)
        : base("completion", "Prints a script that teaches a shell to complete commands, options and names of backends.")
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh, fish or pwsh." };
        shell.AcceptOnlyFromAmong([.. Scripts.Keys]);
        Add(shell);
        SetAction(parsed =>
        {
            context.Output.WriteLine(Scripts[parsed.GetRequiredValue(shell)]);
            return ExitCodes.Done;
        });
    }

    public IReadOnlyList<Example> Examples { get; } =
    [
        new("source <(admission completion bash)", "in ~/.bashrc"),
        new("source <(admission completion zsh)", "in ~/.zshrc, after compinit"),
        new("admission completion fish | source", "in ~/.config/fish/config.fish"),
        new("admission completion pwsh | Out-String | Invoke-Expression", "in $PROFILE"),
    ];

    public string? More => null;
}
