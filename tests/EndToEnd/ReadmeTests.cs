using System.Text.RegularExpressions;

namespace Admission.EndToEnd;

/// <summary>What the README tells its readers to type, typed.</summary>
public sealed partial class ReadmeTests
{
    private const string ReadmeBackend = "http://127.0.0.1:8000";

    private static readonly string Readme = File.ReadAllText(Path.Combine(Repository.Root, "README.md"));

    [SkippableFact]
    public async Task Its_command_line_keeps_the_limit_of_gunicorn()
    {
        await using var backend = await PythonBackend.GunicornAsync(workers: 8);
        var arguments = CommandLine().Match(Readme).Groups["arguments"].Value.Replace(ReadmeBackend, backend.Address, StringComparison.Ordinal).Split(' ');
        await using var gateway = await Gateway.WithArgumentsAsync(arguments);
        Clean.ShouldBeServedOrRefused(await new ClosedLoop(gateway.Port, Clients: 32, TimeSpan.FromSeconds(1)).RunAsync());
        backend.Journal.Greatest().ShouldBe(4);
    }

    [SkippableFact]
    public async Task Its_file_keeps_the_limit_of_gunicorn()
    {
        await using var backend = await PythonBackend.GunicornAsync(workers: 8);
        var file = JsonBlocks().Matches(Readme).Select(match => match.Groups["text"].Value).First(text => text.Contains("ReverseProxy", StringComparison.Ordinal));
        await using var gateway = await Gateway.WithFileAsync(file.Replace(ReadmeBackend, backend.Address, StringComparison.Ordinal));
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(number => gateway.GetAsync($"/reports/weekly?id={number}&ms=50")));
        answers.ShouldAllBe(answer => answer.Status == 200);
        backend.Journal.Greatest().ShouldBe(4);
    }

    [Fact]
    public void It_tells_the_two_commands()
    {
        Readme.ShouldContain("dotnet run --project src/Frontend ");
        Readme.ShouldContain("./test ");
    }

    [GeneratedRegex(@"dotnet run --project src/Frontend -- (?<arguments>--to .*)$", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"```json\n(?<text>.*?)```", RegexOptions.Singleline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex JsonBlocks();
}
