using System.Text.Json;
using System.Xml.Linq;
using Admission.Testing;

namespace Admission.Cli.Tests;

public sealed class SimulateCommandTests : IDisposable
{
    private const string Trace =
        """
        {"format":"admission-arrivals","version":1,"started":"2026-11-21T13:30:00Z"}
        {"at":0,"backend":"model","tenant":"a","service":1}
        {"at":0.1,"backend":"model","tenant":"b","service":1}
        {"at":0.2,"backend":"model","tenant":"b","service":1}
        {"at":0.3,"backend":"unknown","service":1}
        """;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Replays_a_trace_against_a_policy()
    {
        File.WriteAllText(_folder["arrivals.jsonl"], Trace);
        var policy = Policy("""{ "Limit": 1, "Overflow": "Wait", "Queue": { "Capacity": 10, "MaxWait": "1m" } }""");
        var (code, output, errors) = Run("--trace", _folder["arrivals.jsonl"], "--policy", policy, "--frontends", "1", "--delay", "0ms", "--plot", _folder["plot.svg"]);
        errors.ShouldBeEmpty();
        code.ShouldBe(0);
        var lines = output.ReplaceLineEndings("\n").Split('\n');
        lines[0].ShouldBe("The backend 'unknown' has no policy: its arrivals are not replayed.");
        Cells(lines, "| model").ShouldBe(["model", "3", "3", "0", "0", "0", "0", "900 ms", "900 ms", "1.80 s", "1.80 s", "1.80 s"]);
        Cells(lines, "| b ").ShouldBe(["b", "2", "2", "0", "0", "0", "0", "1.35 s", "900 ms", "1.80 s", "1.80 s", "1.80 s"]);
        output.ShouldContain("100.0 %");
        lines.ShouldAllBe(line => line == line.TrimEnd());

        var plot = XDocument.Load(_folder["plot.svg"]);
        plot.Root!.Name.LocalName.ShouldBe("svg");
        plot.Descendants().Count(element => element.Name.LocalName == "polyline").ShouldBe(7);
    }

    [Fact]
    public void Shows_a_limit_that_finds_itself_over_time()
    {
        var policy = Policy("""{ "Limit": { "Adaptive": { "Max": 50 } }, "Overflow": "Wait", "Queue": { "Capacity": 50, "MaxWait": "1m" } }""");
        string[] line = ["--policy", policy, "--service", "50ms", "--rate", "120", "--duration", "24s"];
        var (code, output, errors) = Run([.. line, "--server", "ps:4"]);
        errors.ShouldBeEmpty();
        code.ShouldBe(0);
        output.ShouldContain("Invented arrivals: 120 a second for 24 s, 150 % of what the backend can do.");
        output.ShouldNotContain("finds itself");
        var lines = output.ReplaceLineEndings("\n").Split('\n');
        Cells(lines, "| limit over time")[..4].ShouldBe(["limit over time", "limit", "in use", "time in use"]);
        lines.Count(each => each.StartsWith("| from ", StringComparison.Ordinal)).ShouldBeInRange(6, 12);

        var unserved = Run(line);
        unserved.Code.ShouldBe(0);
        unserved.Output.ShouldContain("Say with --server how many it serves at once");
        var backend = JsonDocument.Parse(Run([.. line, "--json"]).Output).RootElement.GetProperty("backends")[0];
        backend.GetProperty("findsLimit").GetBoolean().ShouldBeTrue();
        backend.GetProperty("lowestLimit").GetInt32().ShouldBe(1);
        backend.GetProperty("meanLimit").GetDouble().ShouldBeGreaterThan(4);
    }

    [Fact]
    public void The_same_command_line_gives_the_same_output()
    {
        string[] line = ["--limit", "4", "--rate", "50", "--duration", "20s", "--tenants", "3", "--priorities", "5,10", "--shape", "lognormal", "--json"];
        var first = Run(line);
        first.Code.ShouldBe(0);
        Run(line).Output.ShouldBe(first.Output);
        Run([.. line, "--seed", "2"]).Output.ShouldNotBe(first.Output);
        var backend = JsonDocument.Parse(first.Output).RootElement.GetProperty("backends")[0];
        backend.GetProperty("peakInUse").GetInt32().ShouldBe(4);
        backend.GetProperty("all").GetProperty("waits").GetProperty("p95").GetDouble().ShouldBeGreaterThan(0);
        backend.GetProperty("refusals").GetProperty("tenant-share").GetInt64().ShouldBeGreaterThan(0);
        backend.GetProperty("tenants").GetArrayLength().ShouldBe(3);
    }

    [Fact]
    public void Tells_every_mistake_at_once()
    {
        File.WriteAllText(_folder["bad.jsonl"], "x\n");
        var policy = Policy("""{ "Limit": -1, "Querty": 1 }""");
        var (code, output, errors) = Run(
            "--trace", _folder["bad.jsonl"], "--policy", policy, "--frontends", "none", "--delay", "5", "--plot", "plot.png", "--rate", "3", "--bogus");
        code.ShouldBe(2);
        output.ShouldBeEmpty();
        errors.ShouldContain("--bogus");
        errors.ShouldContain("--frontends none is not possible. Give a whole number from 1 to 100000.");
        errors.ShouldContain("--delay 5 is not understood.");
        errors.ShouldContain("--plot plot.png: only SVG is written.");
        errors.ShouldContain("--rate says how arrivals are invented, and --trace has recorded ones.");
        errors.ShouldContain($"{_folder["bad.jsonl"]}: line 1: 'x' is not a JSON object.");
        errors.ShouldContain($"{policy}: Admission:Backends:model:Limit: -1 is not possible.");
        errors.ShouldContain($"{policy}: Admission:Backends:model:Querty: there is no such setting.");
    }

    [Theory]
    [InlineData("--trace needs --policy", "--trace", "/no/such/file")]
    [InlineData("/no/such/file: there is no such file.", "--policy", "/no/such/file")]
    [InlineData("--sample needs --backends", "--sample", "3")]
    [InlineData("--greed needs --tenants", "--greed", "50")]
    [InlineData("--shape expnential is not possible. Choose exponential or constant or lognormal. Did you mean 'exponential'?", "--shape", "expnential")]
    [InlineData("--server ps:none is not understood. Give recorded", "--server", "ps:none")]
    [InlineData("--priorities 5,x is not possible: 'x'.", "--priorities", "5,x")]
    public void Says_what_is_wrong(string mistake, params string[] line)
    {
        var (code, _, errors) = Run(line);
        code.ShouldBe(2);
        errors.ShouldContain(mistake);
        errors.ShouldContain("See admission simulate --help.");
    }

    [Fact]
    public void Asks_which_of_several_policies()
    {
        var file = _folder["policy.json"];
        File.WriteAllText(file, """{ "Admission": { "Backends": { "one": { "Limit": 1 }, "two": { "Limit": 2 }, "off": { "Limit": 0 } } } }""");
        Run("--policy", file).Errors.ShouldContain("has 3 backends: off, one, two. Say with --backend");
        Run("--policy", file, "--backend", "tow").Errors.ShouldContain("has no such backend. Did you mean 'two'?");
        Run("--policy", file, "--backend", "off").Errors.ShouldContain("the limit of the backend 'off' is 0");
        Run("--policy", file, "--backend", "two", "--duration", "1s").Code.ShouldBe(0);
    }

    [Fact]
    public void Takes_a_gateways_whole_configuration()
    {
        var file = _folder["appsettings.json"];
        File.WriteAllText(
            file,
            """
            { // with comments, as ASP.NET allows
              "ReverseProxy": {
                "Routes": { "all": { "ClusterId": "model", "Match": { "Path": "{**any}" } } },
                "Clusters": { "model": { "Destinations": { "a": { "Address": "http://127.0.0.1:1" }, "b": { "Address": "http://127.0.0.1:2" } } } }
              },
              "Admission": { "DataFolder": "/somewhere", "Backends": { "model": { "DestinationLimit": 3, "Overflow": "Wait" } } }
            }
            """);
        var (code, output, _) = Run("--policy", file, "--duration", "2s", "--json");
        code.ShouldBe(0);
        JsonDocument.Parse(output).RootElement.GetProperty("backends")[0].GetProperty("limit").GetInt32().ShouldBe(6);
    }

    [Fact]
    public void Sizes_a_cluster_and_says_that_it_has_sampled()
    {
        var (code, output, errors) = Run("--frontends", "100", "--backends", "1000", "--sample", "2", "--duration", "1s", "--limit", "4");
        errors.ShouldBeEmpty();
        code.ShouldBe(0);
        output.ShouldContain("Simulated, one after the other: 2 of 1000 backends.");
        var lines = output.ReplaceLineEndings("\n").Split('\n');
        Cells(lines, "| 100 ").Length.ShouldBe(6);
        Cells(lines, "| 10,000").Length.ShouldBe(4);
        lines.Count(line => line.StartsWith("| grows as", StringComparison.Ordinal)).ShouldBe(2);
        Cells(lines, "| backends ")[1].ShouldBe("1,000");
    }

    [Fact]
    public void Helps()
    {
        var (code, output, _) = Run("--help");
        code.ShouldBe(0);
        output.ShouldContain("--trace <FILE>");
        output.ShouldContain("--patience <TIME>");
        RunAny().Code.ShouldBe(2);
        RunAny("--help").Code.ShouldBe(0);
        RunAny("simulte").Errors.ShouldContain("simulte");
    }

    private static string[] Cells(string[] lines, string start) =>
        [.. lines.First(line => line.StartsWith(start, StringComparison.Ordinal)).Split('|', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private string Policy(string model)
    {
        File.WriteAllText(_folder["policy.json"], $$"""{ "Admission": { "Backends": { "model": {{model}} } } }""");
        return _folder["policy.json"];
    }

    private static (int Code, string Output, string Errors) Run(params string[] line) => RunAny(["simulate", .. line]);

    private static (int Code, string Output, string Errors) RunAny(params string[] line)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = AdmissionCommand.Run(line, new CommandContext(output, errors, TimeProvider.System, CancellationToken.None));
        return (code, output.ToString(), errors.ToString());
    }
}
