using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text.Json;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests;

public sealed class HostTests
{
    [Fact]
    public async Task Runs_a_sample_backend_when_nothing_is_configured()
    {
        await using var host = new RunningHost();
        await host.StartAsync();
        host.Output.ShouldContain($"curl -s {host.Http.BaseAddress}".TrimEnd('/'));
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => host.Http.GetStringAsync("/")));
        answers.ShouldAllBe(answer => answer.Contains("never more than 1 inside at once"));
        var backends = await host.Http.GetFromJsonAsync<JsonElement>("/admission/v1/backends");
        backends[0].GetProperty("id").GetString().ShouldBe("sample");
        backends[0].GetProperty("limit").GetInt32().ShouldBe(2);
        (await host.StopAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Stands_in_front_of_a_server_without_any_file()
    {
        await using var server = await TestServer.StartAsync(context => context.Response.WriteAsync("mine"));
        await using var host = new RunningHost();
        await host.StartAsync("--to", server.Address, "--limit", "8", "--queue", "100", "--max-wait", "2s", "--run-timeout=30s");
        (await host.Http.GetStringAsync("/any/path")).ShouldBe("mine");
        var backend = await host.Http.GetFromJsonAsync<JsonElement>("/admission/v1/backends/backend");
        var policy = backend.GetProperty("policy");
        policy.GetProperty("limit").GetInt32().ShouldBe(8);
        policy.GetProperty("overflow").GetString().ShouldBe("wait");
        policy.GetProperty("queueCapacity").GetInt32().ShouldBe(100);
        policy.GetProperty("maxWait").GetDouble().ShouldBe(2);
        policy.GetProperty("runTimeout").GetDouble().ShouldBe(30);
        var version = await host.Http.GetFromJsonAsync<JsonElement>("/admission/v1/version");
        version.GetProperty("product").GetString().ShouldBe("Admission");
        version.GetProperty("engine").GetProperty("name").GetString()!.ShouldContain("Orleans");
        (await host.Http.GetStringAsync("/health/live")).ShouldContain("live");
        using var unknown = await host.Http.GetAsync("/admission/v1/backends/nobody");
        unknown.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await ProblemReader.ReadAsync(unknown)).GetProperty("reason").GetString().ShouldBe("unknown-backend");
    }

    [Fact]
    public async Task Takes_the_limit_from_a_profile()
    {
        await using var server = await TestServer.StartAsync(context => context.Response.WriteAsync("mine"));
        await using var host = new RunningHost();
        await host.StartAsync("--to", server.Address, "--profile", "gunicorn,workers=4,threads=2");
        var backend = await host.Http.GetFromJsonAsync<JsonElement>("/admission/v1/backends/backend");
        backend.GetProperty("policy").GetProperty("limit").GetInt32().ShouldBe(8);
    }

    [Fact]
    public async Task Prints_its_help()
    {
        await using var host = new RunningHost();
        (await host.RunToEndAsync("--help")).ShouldBe(0);
        host.Output.ShouldContain("--to URL");
        host.Output.ShouldContain("--max-wait TIME");
    }

    [Theory]
    [InlineData("There is no option --limt. Did you mean '--limit'? See --help.", "--to", "http://127.0.0.1:1", "--limt", "8")]
    [InlineData("--to needs --limit: say how many requests the server can serve at once, such as --limit 8.", "--to", "http://127.0.0.1:1")]
    [InlineData("--to 'localhost:8000' is not an address. Give one such as http://127.0.0.1:8000.", "--to", "localhost:8000", "--limit", "8")]
    [InlineData("--limit needs --to: say which server it is for, such as --to http://127.0.0.1:8000.", "--limit", "8")]
    [InlineData("--limit: -8 is not possible. Give a whole number from 0 to 1000000.", "--to", "http://127.0.0.1:1", "--limit", "-8")]
    [InlineData("--limit: 'x' is not understood. Write a whole number.", "--to", "http://127.0.0.1:1", "--limit", "x")]
    [InlineData("--limit needs a value. See --help.", "--to", "http://127.0.0.1:1", "--limit")]
    [InlineData("--limit is given twice. Give it once.", "--to", "http://127.0.0.1:1", "--limit", "1", "--limit", "2")]
    [InlineData("--max-wait needs --queue: say how many requests may wait, such as --queue 100.", "--to", "http://127.0.0.1:1", "--limit", "1", "--max-wait", "2s")]
    [InlineData("--max-wait: '2' is not understood. Write a duration such as 500ms, 2s, 1m, 1h or 00:00:02.", "--to", "http://127.0.0.1:1", "--limit", "1", "--queue", "5", "--max-wait", "2")]
    [InlineData("'8000' is not an option. See --help.", "8000")]
    [InlineData("--queue: -1 is not possible. Give a whole number from 0 (nobody waits) to 100000.", "--to", "http://127.0.0.1:1", "--limit", "1", "--queue", "-1")]
    [InlineData("--queue: 0 is not possible. Give a whole number from 1 to 100000.", "--to", "http://127.0.0.1:1", "--limit", "1", "--queue", "0", "--Admission:Backends:backend:Overflow", "Defer")]
    [InlineData("Admision: there is no such section. Did you mean 'Admission'?", "--Admision:Backends:sample:Limit", "1")]
    [InlineData("ReverseProxi: there is no such section. Did you mean 'ReverseProxy'?", "--ReverseProxi:Routes:all:ClusterId", "x")]
    [InlineData("--profile:wrokers: there is no such setting. Did you mean 'Workers'? Known here: Server, Workers, Threads, Timeout, WorkerClass, WorkerConnections.", "--to", "http://127.0.0.1:1", "--profile", "gunicorn,wrokers=4")]
    [InlineData("--limit: 9 is not lower than the 4 of the Profile (gunicorn, 4 sync workers). Leave it out, give less, or correct the Profile.", "--to", "http://127.0.0.1:1", "--profile", "gunicorn,workers=4", "--limit", "9")]
    [InlineData("--profile needs --to: say which server it is for, such as --to http://127.0.0.1:8000.", "--profile", "gunicorn")]
    [InlineData("--cluster: Host is missing. Write one such as Host=db.example;Username=admission;Password=...;Database=admission.", "--cluster", "Database=limits")]
    [InlineData("Cluster:ConnectionString: missing, while other settings of the cluster are there. Give one such as Host=db.example;Username=admission;Password=...;Database=admission.", "--Cluster:ClusterId", "blue")]
    [InlineData("Admission:Backends:backend:LeaseTtl: 00:00:02 is too short for a cluster: one lost call to the ledger (00:00:02) would cost the lease. Give at least 00:00:04.", "--cluster", "Host=db", "--to", "http://127.0.0.1:1", "--limit", "1", "--Admission:Backends:backend:LeaseTtl", "2s")]
    public async Task Names_the_wrong_option(string expected, params string[] arguments)
    {
        await using var host = new RunningHost();
        (await host.RunToEndAsync(arguments)).ShouldBe(2);
        host.Errors.ShouldContain($"  - {expected}{Environment.NewLine}");
    }

    [Fact]
    public async Task Defers_in_front_of_a_server_without_any_file()
    {
        var gate = new TaskCompletionSource();
        await using var server = await TestServer.StartAsync(_ => gate.Task);
        await using var host = new RunningHost();
        await host.StartAsync("--to", server.Address, "--limit", "1", "--Admission:Backends:backend:Overflow=Defer", "--Admission:Backends:backend:Jobs:DeferAfter=1m");
        var first = host.Http.GetAsync("/");
        await Until.TrueAsync(() => server.Inside == 1, "The first one is not inside.");
        using var second = new HttpRequestMessage(HttpMethod.Get, "/");
        second.Headers.Add("Prefer", "respond-async");
        (await host.Http.SendAsync(second)).StatusCode.ShouldBe(HttpStatusCode.Accepted);
        gate.SetResult();
        (await first).StatusCode.ShouldBe(HttpStatusCode.OK);
        host.Errors.ShouldBeEmpty();
    }

    [Fact]
    public async Task In_the_data_folder_of_another_gateway_tells_of_all_other_mistakes_too()
    {
        await using var first = new RunningHost();
        await first.StartAsync("--data", Path.Combine(first.Folder, "shared"));
        await using var second = new RunningHost(new { Admision = new { Backends = new { model = new { Limit = 1 } } } });
        (await second.RunToEndAsync("--data", Path.Combine(first.Folder, "shared"), "--to", "http://127.0.0.1:1", "--limit", "-1")).ShouldBe(2);
        second.Errors.ShouldContain("3 mistakes");
        second.Errors.ShouldContain("--limit: -1 is not possible.");
        second.Errors.ShouldContain("Admision: there is no such section.");
        second.Errors.ShouldContain("Another gateway may be using it");
    }

    [Fact]
    public async Task Sections_of_others_are_none_of_its_business()
    {
        await using var host = new RunningHost(new { Missions = new { A = 1 }, Customer = new { A = 1 }, Clusters = "7", Proxy = new { A = 1 } });
        await host.StartAsync();
        (await host.StopAsync()).ShouldBe(0);
    }

    [Fact]
    public async Task Reports_yarps_mistakes_and_ours_together()
    {
        await using var host = new RunningHost(new
        {
            ReverseProxy = new
            {
                Routes = new { all = new { ClusterId = "modell", Match = new { Path = "{**any}" } }, nowhere = new { ClusterId = "model", Match = new { } } },
                Clusters = new { model = new { LoadBalancingPolicy = "Magic", Destinations = new { a = new { Address = "http://127.0.0.1:1" } } } },
            },
            Admission = new { Backends = new { modle = new { Limit = 1 }, model = new { Limit = -1, Overflow = "Later" } } },
        });
        (await host.RunToEndAsync()).ShouldBe(2);
        host.Errors.ShouldContain("6 mistakes");
        host.Errors.ShouldContain("ReverseProxy:Routes:all:ClusterId: there is no cluster 'modell' in ReverseProxy:Clusters. Did you mean 'model'?");
        host.Errors.ShouldContain("ReverseProxy:Routes:nowhere: ");
        host.Errors.ShouldContain("ReverseProxy:Clusters:model: No matching ILoadBalancingPolicy found");
        host.Errors.ShouldContain("Admission:Backends:modle: there is no cluster 'modle'");
        host.Errors.ShouldContain("Admission:Backends:model:Limit: -1 is not possible.");
        host.Errors.ShouldContain("Admission:Backends:model:Overflow: 'Later' is not possible.");
    }

    [Fact]
    public async Task Refuses_two_policies_for_one_cluster()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        var file = JsonSerializer.Serialize(RunningHost.File(server, new { Limit = 1 }))
            .Replace("\"Backends\":{", "\"Backends\":{\"MODEL\":{\"Limit\":2},", StringComparison.Ordinal);
        await using var host = new RunningHost(text: file);
        (await host.RunToEndAsync()).ShouldBe(2);
        host.Errors.ShouldContain("Admission:Backends:model");
        host.Errors.ShouldContain("duplicate");
    }

    [Fact]
    public async Task Says_what_is_wrong_with_a_file_that_is_no_json()
    {
        await using var host = new RunningHost(text: "{ \"Admission\": ");
        (await host.RunToEndAsync()).ShouldBe(2);
        host.Errors.ShouldContain("appsettings.json");
    }

    [Fact]
    public async Task Refuses_options_and_a_file_for_the_same_thing()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var host = new RunningHost(RunningHost.File(server, new { Limit = 1 }));
        (await host.RunToEndAsync("--to", server.Address, "--limit", "1")).ShouldBe(2);
        host.Errors.ShouldContain("--to: the configuration has a section ReverseProxy already. Give one or the other.");
    }

    [Fact]
    public async Task Says_that_the_data_folder_cannot_be_written()
    {
        await using var host = new RunningHost();
        var file = Path.Combine(host.Folder, "file");
        await File.WriteAllTextAsync(file, "");
        (await host.RunToEndAsync("--data", Path.Combine(file, "data"))).ShouldBe(2);
        host.Errors.ShouldContain($"The data folder '{Path.Combine(file, "data")}' cannot be used");
        host.Errors.ShouldContain("--data");
    }

    [Fact]
    public async Task Says_that_another_gateway_uses_the_data_folder()
    {
        await using var first = new RunningHost();
        await first.StartAsync();
        await using var second = new RunningHost();
        (await second.RunToEndAsync("--data", Path.Combine(first.Folder, "data"), "--urls", "http://127.0.0.1:0")).ShouldBe(2);
        second.Errors.ShouldContain("Another gateway may be using it; give another one with --data.");
    }

    [Fact]
    public async Task Says_that_its_port_is_taken()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";
        await using var host = new RunningHost();
        (await host.RunToEndAsync("--urls", url)).ShouldBe(2);
        host.Errors.ShouldContain($"{url}: address already in use. Stop what listens there, or choose another address with --urls http://127.0.0.1:PORT.");
    }
}
