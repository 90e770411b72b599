using System.Diagnostics.CodeAnalysis;

namespace Admission.EndToEnd;

/// <summary>The gateway as a user starts it, rightly and wrongly.</summary>
public sealed class StartTests
{
    [SkippableFact]
    public async Task One_command_starts_it_with_a_sample_backend_and_prints_a_curl_line_that_works()
    {
        Need.Curl();
        using var folder = new TemporaryFolder();
        var port = FreePort.Take();
        await using var run = ChildProcess.Start(
            "dotnet",
            ["run", "--no-build", "-c", Repository.Configuration, "--project", "src/Frontend", "--", "--urls", $"http://127.0.0.1:{port}", "--data", folder["data"]],
            folder: Repository.Root);
        await run.WaitForOutputAsync("curl ", TimeSpan.FromSeconds(30));
        var command = run.Output.Split('\n').First(line => line.Contains("curl ", StringComparison.Ordinal)).Trim();
        await using var curl = ChildProcess.Start("bash", ["-c", command]);
        (await curl.WaitForExitAsync(TimeSpan.FromSeconds(20))).ShouldBe(0);
        var answers = curl.Output.Split('\n');
        answers.Length.ShouldBe(10, curl.Output);
        answers.ShouldAllBe(answer => answer.Contains("never more than 1 inside", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task The_command_line_alone_puts_it_in_front_of_a_server()
    {
        await using var backend = await PythonBackend.GunicornAsync(workers: 8);
        await using var gateway = await Gateway.WithArgumentsAsync("--to", backend.Address, "--limit", "3", "--queue", "5", "--max-wait", "2s");
        var load = await new ClosedLoop(gateway.Port, Clients: 32, TimeSpan.FromSeconds(2)).RunAsync();
        Clean.ShouldBeServedOrRefused(load);
        load.Refused.ShouldNotBeEmpty();
        backend.Journal.Greatest().ShouldBe(3);
    }

    [Fact]
    public async Task Help_tells_the_options()
    {
        var (exitCode, output) = await Gateway.RunToEndAsync(null, "--help");
        exitCode.ShouldBe(0);
        foreach (var option in new[] { "--to", "--limit", "--queue", "--max-wait", "--data", "--urls" })
        {
            output.ShouldContain(option);
        }
    }

    [Theory]
    [InlineData("""{ "Limit": -1 }""", "Admission:Backends:model:Limit")]
    [InlineData("""{ "Limit": 1, "Overflow": "Later" }""", "Admission:Backends:model:Overflow")]
    [InlineData("""{ "Limit": 1, "Overflow": "Wait", "Queue": { "Capacity": 0, "MaxWait": "-1" } }""", "Admission:Backends:model:Queue:Capacity", "Admission:Backends:model:Queue:MaxWait")]
    [InlineData("""{ "Limit": 1, "LeaseTtl": "soon", "OnLeaseLost": "Panic" }""", "Admission:Backends:model:LeaseTtl", "Admission:Backends:model:OnLeaseLost")]
    [SuppressMessage("Design", "MA0109:Add an overload with Span", Justification = "xunit wants the array.")]
    public async Task A_wrong_configuration_ends_it_with_code_2_and_names_every_mistake(string policy, params string[] paths)
    {
        var json = GatewayFile.For(System.Text.Json.Nodes.JsonNode.Parse(policy)!, ["http://127.0.0.1:1"]);
        var (exitCode, output) = await Gateway.RunToEndAsync(json);
        exitCode.ShouldBe(2, output);
        foreach (var path in paths)
        {
            output.ShouldContain(path);
        }
    }

    [Fact]
    public async Task A_policy_without_a_cluster_is_a_mistake()
    {
        var json = GatewayFile.For(new { Limit = 1 }, ["http://127.0.0.1:1"]).Replace("\"Backends\":{\"model\"", "\"Backends\":{\"nobody\"", StringComparison.Ordinal);
        var (exitCode, output) = await Gateway.RunToEndAsync(json);
        exitCode.ShouldBe(2, output);
        output.ShouldContain("Admission:Backends:nobody");
    }

    [Fact]
    public async Task A_data_folder_that_cannot_be_written_is_a_mistake()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(folder["file"], "");
        var (exitCode, output) = await Gateway.RunToEndAsync(GatewayFile.For(new { Limit = 1 }, ["http://127.0.0.1:1"]), "--data", folder["file"] + "/data");
        exitCode.ShouldBe(2, output);
        output.ShouldContain(folder["file"]);
    }
}
