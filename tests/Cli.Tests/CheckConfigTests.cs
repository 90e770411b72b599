using Admission.Cli.Tests.Support;
using Admission.Testing;

namespace Admission.Cli.Tests;

public sealed class CheckConfigTests : IDisposable
{
    private const string Proxy =
        """
        "ReverseProxy": {
          "Routes": { "all": { "ClusterId": "model", "Match": { "Path": "{**any}" } } },
          "Clusters": { "model": { "Destinations": { "a": { "Address": "http://127.0.0.1:1" } } } }
        }
        """;

    private readonly TemporaryFolder _folder = new();
    private readonly CommandLine _cli = new("http://192.0.2.1");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Is_content_with_what_a_gateway_would_start_with()
    {
        var good = Write("good.json", $$"""
            { // as .NET reads it
              {{Proxy}}, "Admission": { "Backends": { "model": { "Limit": 3, } } } }
            """);
        _cli.Done("check-config", good).ShouldBe($"{good}: fine, 1 backend with a policy.{Environment.NewLine}");
        _cli.Json("check-config", good).GetProperty("valid").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public void Tells_every_mistake_with_file_and_key()
    {
        var wrong = Write("wrong.json", $$"""{ {{Proxy}}, "Admission": { "Backends": { "model": { "Limit": -1, "Querty": 1 }, "modle": { "Limit": 1 } } }, "Admision": { "a": { "b": 1 } } }""");
        var broken = Write("broken.json", "{ \"x\": ");
        var errors = _cli.Fails(ExitCodes.Refused, "check-config", wrong, broken, _folder["none.json"]);
        errors.ShouldContain($"{wrong}: Admission:Backends:model:Limit: -1 is not possible.");
        errors.ShouldContain($"{wrong}: Admission:Backends:model:Querty: there is no such setting.");
        errors.ShouldContain($"{wrong}: Admission:Backends:modle: there is no cluster 'modle' in ReverseProxy:Clusters. Did you mean 'model'?");
        errors.ShouldContain($"{wrong}: Admision: there is no such section. Did you mean 'Admission'?");
        errors.ShouldContain($"{broken}: ");
        errors.ShouldContain($"{_folder["none.json"]}: there is no such file.");
        errors.ShouldContain("6 mistakes.");

        var (code, output, _) = _cli.Run("check-config", wrong, "--json");
        code.ShouldBe(ExitCodes.Refused);
        var mistakes = System.Text.Json.JsonDocument.Parse(output).RootElement.GetProperty("files")[0].GetProperty("mistakes");
        mistakes.EnumerateArray().Select(each => each.GetProperty("key").GetString()).ShouldContain("Admission:Backends:model:Querty");
    }

    [Fact]
    public void Puts_files_together_and_finds_the_one_with_the_mistake()
    {
        var first = Write("appsettings.json", $$"""{ {{Proxy}} }""");
        var second = Write("appsettings.Production.json", """{ "Admission": { "Backends": { "model": { "Limit": 0.5 } } } }""");
        _cli.Fails(ExitCodes.Refused, "check-config", "--together", first, second).ShouldContain($"{second}: Admission:Backends:model:Limit: '0.5' is not understood.");
        Write("appsettings.Production.json", """{ "Admission": { "Backends": { "model": { "Limit": 5 } } } }""");
        _cli.Done("check-config", "--together", first, second).ShouldContain("fine, 1 backend with a policy.");
        _cli.Fails(ExitCodes.Refused, "check-config", second).ShouldContain("there is no cluster 'model'");
    }

    [Fact]
    public void Asks_for_longer_leases_in_a_cluster()
    {
        var file = Write("short.json", $$"""{ {{Proxy}}, "Admission": { "Backends": { "model": { "Limit": 3, "LeaseTtl": "2s" } } } }""");
        _cli.Done("check-config", file);
        _cli.Fails(ExitCodes.Refused, "check-config", "--cluster", file).ShouldContain("Admission:Backends:model:LeaseTtl:");
    }

    [Fact]
    public void Looks_into_ConfigMaps()
    {
        var map = Write("map.yaml",
            $$"""
            apiVersion: v1
            kind: Service
            metadata: { name: other }
            ---
            apiVersion: v1
            kind: ConfigMap
            metadata: { name: gateway }
            data:
              notes.txt: nothing
              appsettings.json: |
                { "ReverseProxy": { "Clusters": { "model": { "Destinations": { "a": { "Address": "http://127.0.0.1:1" } } } } },
                  "Admission": { "Backends": { "model": { "Limit": -1 } } } }
            """);
        _cli.Fails(ExitCodes.Refused, "check-config", map).ShouldContain($"{map} (appsettings.json): Admission:Backends:model:Limit: -1 is not possible.");
        _cli.Fails(ExitCodes.Refused, "check-config", Write("none.yaml", "kind: Service\n")).ShouldContain("there is no ConfigMap in it");
        _cli.Fails(ExitCodes.Refused, "check-config", Write("bad.yaml", "a: [")).ShouldContain("it is no YAML");
    }

    private string Write(string name, string text)
    {
        File.WriteAllText(_folder[name], text);
        return _folder[name];
    }
}
