using Admission.Cli.Tests.Support;
using Admission.Testing;

namespace Admission.Cli.Tests;

/// <summary>The command line as a process: in a terminal of its own, and behind a shell's completion.</summary>
public sealed class ProcessTests : IDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Top_takes_a_whole_terminal_and_gives_it_back()
    {
        await using var stub = await Stub.StartAsync(static context => Stub.AnswerAsync(context, """
            {"at":"2026-11-21T23:00:00Z","leftOut":0,"problem":null,"backends":[{"id":"model","status":"granting","limit":2,"inUse":2,"trouble":0,"troubles":[]}]}
            """));

        // The key is pressed once the screen is there: whatever came before would only be typed ahead.
        var keys = $"until grep -qF 'q quit' {_folder["screen"]}; do sleep 0.05; done; printf q";
        await using var shell = ChildProcess.Start(
            "bash", ["-c", $"({keys}) | script -qefc 'stty cols 100 rows 12; {Command()} top --url {stub.Url}' {_folder["screen"]} >/dev/null"], new Dictionary<string, string> { ["TERM"] = "xterm" });
        (await shell.WaitForExitAsync(Bound)).ShouldBe(ExitCodes.Done, shell.Output);
        var screen = await File.ReadAllTextAsync(_folder["screen"]);
        screen.ShouldContain("\e[?1049h");
        screen.ShouldContain("> model");
        screen.IndexOf("\e[?1049l", StringComparison.Ordinal).ShouldBeGreaterThan(screen.LastIndexOf("q quit", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Bash_completes()
    {
        var script = new CommandLine("http://192.0.2.1").Done("completion", "bash");
        await File.WriteAllTextAsync(_folder["completion"], script);
        await File.WriteAllTextAsync(_folder["try"], $$"""
            admission() { {{Command()}} "$@"; }
            source {{_folder["completion"]}}
            try() { COMP_LINE=$1 COMP_POINT=${#1}; read -r -a COMP_WORDS <<<"$1"; [[ $1 == *' ' ]] && COMP_WORDS+=(''); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _admission; echo "[${COMPREPLY[*]}]"; }
            try 'admission che'
            try 'admission completion '
            try 'admission jobs --state dea'
            """);
        await using var shell = ChildProcess.Start("bash", [_folder["try"]]);
        (await shell.WaitForExitAsync(Bound)).ShouldBe(0, shell.Output);
        shell.Output.Split('\n').ShouldBe(["[check-config]", "[bash fish pwsh zsh]", "[dead]"]);
    }

    private static string Command() => $"dotnet {typeof(AdmissionCommand).Assembly.Location}";
}
