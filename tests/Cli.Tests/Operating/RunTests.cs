using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Admission.Cli.Tests.Support;
using Admission.Testing;

namespace Admission.Cli.Tests.Operating;

/// <summary><c>admission run</c>, against a real gateway, and against one that takes the lease back.</summary>
[Collection(GatewayCollection.Name)]
public sealed class RunTests(RunningGateway gateway) : IDisposable
{
    private const string Leases = "/admission/v1/backends/sample/leases";
    private const string ThatEnds = """{"id":"1-x","backend":"b","ttl":1,"expiresIn":0.9,"weight":1,"priority":10,"fencing":{"epoch":3,"number":41}}""";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly CommandLine _cli = new(gateway.Url);
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Holds_a_lease_while_the_command_runs_and_ends_as_the_command_does()
    {
        var (told, go) = (_folder["told"], _folder["go"]);
        var script = $"echo $ADMISSION_LEASE $ADMISSION_FENCE_EPOCH $ADMISSION_FENCE_NUMBER > {told}.new; mv {told}.new {told}; until [ -e {go} ]; do sleep 0.02; done; exit 7";
        var running = Task.Run(() => _cli.Run("run", "--backend", "sample", "--", "sh", "-c", script));
        await Until.TrueAsync(() => Task.FromResult(File.Exists(told) || running.IsCompleted), Patience, () => "The command does not run.");
        var (lease, held) = await LookAsync(told);
        held.ShouldBe(HttpStatusCode.OK);

        await File.WriteAllTextAsync(go, "");
        var (code, output, errors) = await running.WaitAsync(Patience);

        errors.ShouldBeEmpty();
        output.ShouldBeEmpty();
        code.ShouldBe(7);
        (await gateway.Http.GetAsync($"{gateway.Url}{Leases}/{lease}")).StatusCode.ShouldBe(HttpStatusCode.Gone);
    }

    [Fact]
    public void What_follows_the_dashes_is_the_commands_own() =>
        _cli.Run("run", "-b", "sample", "--", "sh", "-c", "exit $#", "sh", "--url", "--jobs=4", "--", "x").Code.ShouldBe(4);

    [Fact]
    public void Says_what_is_mistaken()
    {
        var errors = _cli.Fails(ExitCodes.Mistaken, "run", "-b", "sample", "--ttl", "2h", "--weight", "0", "--grace", "1m", "--", "true");
        errors.ShouldContain("--ttl 2h");
        errors.ShouldContain("--weight 0");
        errors.ShouldContain("--grace 1m");
        _cli.Fails(ExitCodes.Mistaken, "run", "-b", "sample", "--weigth", "2", "--", "true").ShouldContain("--weight");
        _cli.Fails(ExitCodes.Refused, "run", "-b", "simple", "--", "true").ShouldContain("sample");
    }

    [Fact]
    public async Task Without_permits_nothing_runs()
    {
        using var taken = await gateway.Http.PostAsJsonAsync($"{gateway.Url}{Leases}/batch", new { leases = new object[] { new { }, new { } } });
        var ids = (await taken.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("results").EnumerateArray().Select(each => each.GetProperty("id").GetString()).ToArray();
        try
        {
            _cli.Fails(ExitCodes.NoPermits, "run", "-b", "sample", "--wait", "0s", "--", "touch", _folder["ran"]).ShouldNotBeEmpty();
            File.Exists(_folder["ran"]).ShouldBeFalse();
        }
        finally
        {
            using var released = await gateway.Http.PostAsJsonAsync($"{gateway.Url}{Leases}/release", new { ids });
        }
    }

    [Fact]
    public async Task What_cannot_be_started_keeps_no_lease()
    {
        _cli.Fails(ExitCodes.CommandNotFound, "run", "-b", "sample", "--", "no-such-program-anywhere").ShouldContain("no-such-program-anywhere");
        await File.WriteAllTextAsync(_folder["data"], "no program");
        _cli.Fails(ExitCodes.CommandNotStarted, "run", "-b", "sample", "--", _folder["data"]).ShouldContain("may not be executed");
        (await gateway.Http.GetFromJsonAsync<JsonElement>($"{gateway.Url}{Leases}")).GetProperty("total").GetInt32().ShouldBe(0);
    }

    [Theory]
    [InlineData(410, "lease-reclaimed")]
    [InlineData(404, "unknown-lease")]
    public async Task A_command_whose_lease_is_lost_is_stopped(int status, string reason)
    {
        await using var stub = await GrantingAsync(context => Stub.RefuseAsync(context, status, reason, "It was taken back."));

        var (code, _, errors) = await RunAsync(stub, $"trap 'echo stopped > {_folder["how"]}; exit 0' TERM; sleep 30 & wait");

        code.ShouldBe(ExitCodes.LeaseLost);
        errors.ShouldContain("It was taken back");
        (await File.ReadAllTextAsync(_folder["how"])).ShouldBe("stopped\n");
    }

    [Fact]
    public async Task One_that_does_not_listen_is_killed()
    {
        await using var stub = await GrantingAsync(context => Stub.RefuseAsync(context, 410, "lease-reclaimed", "It was taken back."));

        (await RunAsync(stub, "trap '' TERM; while :; do sleep 0.05; done", "--grace", "100ms")).Code.ShouldBe(ExitCodes.LeaseLost);
    }

    [Fact]
    public async Task What_the_command_has_started_does_not_outlive_the_lease()
    {
        var (listening, deaf) = (_folder["listening"], _folder["deaf"]);
        await using var stub = await GrantingAsync(context => new[] { listening, deaf }.All(file => new FileInfo(file) is { Exists: true, Length: > 0 })
            ? Stub.RefuseAsync(context, 410, "lease-reclaimed", "It was taken back.")
            : Stub.AnswerAsync(context, ThatEnds));

        // The command itself ends at once, and so takes away by what they could be found later.
        var script = $"trap 'exit 0' TERM; sh -c 'echo $$ > {listening}; exec sleep 30' & sh -c 'trap \"\" TERM; echo $$ > {deaf}; while :; do sleep 0.05; done' & wait";
        (await RunAsync(stub, script, "--grace", "200ms")).Code.ShouldBe(ExitCodes.LeaseLost);

        foreach (var started in new[] { listening, deaf })
        {
            var process = (await File.ReadAllTextAsync(started)).Trim();
            var status = $"/proc/{process}/status";
            (!File.Exists(status) || (await File.ReadAllTextAsync(status)).Contains("State:\tZ", StringComparison.Ordinal)).ShouldBeTrue($"{started} goes on.");
        }
    }

    [Fact]
    public async Task A_gateway_that_is_away_costs_the_lease_only_when_its_time_is_over()
    {
        var renewals = 0;
        await using var stub = await GrantingAsync(context => Interlocked.Increment(ref renewals) < 3
            ? renewals == 1 ? Stub.RefuseAsync(context, 503, "ledger-unreachable", "Nobody can say.") : Stub.RefuseAsync(context, 404, "unknown-backend", "It is not configured here yet.")
            : Stub.AnswerAsync(context, ThatEnds));

        // Longer than the lease would last without a renewal that succeeds.
        (await RunAsync(stub, "sleep 1.5", "--grace", "50ms")).Code.ShouldBe(0);
        renewals.ShouldBeGreaterThan(3);
    }

    [Fact]
    public async Task A_renewal_that_is_not_answered_is_given_up_before_it_costs_the_lease()
    {
        const string Lease = """{"id":"1-x","backend":"b","ttl":3,"expiresIn":2.7,"weight":1,"priority":10,"fencing":{"epoch":3,"number":41}}""";
        var renewals = 0;
        await using var stub = await Stub.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Method == "POST" ? 201 : 200;
            return context.Request.Method == "PUT" && Interlocked.Increment(ref renewals) == 1
                ? Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted).ContinueWith(static _ => { }, TaskScheduler.Default)
                : Stub.AnswerAsync(context, Lease);
        });

        var running = Task.Run(() => new CommandLine(stub.Url).Run("run", "-b", "b", "--ttl", "3s", "--grace", "50ms", "--", "sleep", "3"));

        (await running.WaitAsync(Patience)).Code.ShouldBe(0);
        renewals.ShouldBeGreaterThan(1);
    }

    [Theory]
    [InlineData(200, 0)]
    [InlineData(410, ExitCodes.NoPermits)]
    public async Task A_lease_whose_answer_was_long_on_its_way_is_asked_after_before_anything_runs(int status, int expected)
    {
        await using var stub = await Stub.StartAsync(async context =>
        {
            switch (context.Request.Method)
            {
                case "POST":
                    await Task.Delay(TimeSpan.FromSeconds(1), context.RequestAborted);
                    await Created(context);
                    break;
                case "PUT":
                    await (status == 200 ? Stub.AnswerAsync(context, ThatEnds) : Stub.RefuseAsync(context, status, "lease-reclaimed", "It was taken back."));
                    break;
                default:
                    await NoContent(context);
                    break;
            }
        });

        (await RunAsync(stub, $"touch {_folder["ran"]}", "--grace", "50ms")).Code.ShouldBe(expected);

        File.Exists(_folder["ran"]).ShouldBe(expected == 0);
    }

    [Fact]
    public async Task A_signal_reaches_the_command()
    {
        await using var stub = await GrantingAsync(static context => Stub.AnswerAsync(context, ThatEnds));
        await using var shell = ChildProcess.Start(
            "bash",
            ["-c", $"dotnet {typeof(AdmissionCommand).Assembly.Location} run --url {stub.Url} -b b --ttl 1s -- sh -c 'trap \"exit 5\" USR1; touch {_folder["runs"]}; while :; do sleep 0.05; done' </dev/null & until [ -e {_folder["runs"]} ]; do sleep 0.05; done; kill -USR1 $!; wait $!"]);

        (await shell.WaitForExitAsync(Patience)).ShouldBe(5, shell.Output);
    }

    private static Task<Stub> GrantingAsync(Microsoft.AspNetCore.Http.RequestDelegate renew) => Stub.StartAsync(context => context.Request.Method switch
    {
        "POST" => Created(context),
        "PUT" => renew(context),
        _ => NoContent(context),
    });

    private static Task Created(Microsoft.AspNetCore.Http.HttpContext context)
    {
        context.Response.StatusCode = 201;
        return Stub.AnswerAsync(context, ThatEnds);
    }

    private static Task NoContent(Microsoft.AspNetCore.Http.HttpContext context)
    {
        context.Response.StatusCode = 204;
        return Task.CompletedTask;
    }

    private static Task<(int Code, string Output, string Errors)> RunAsync(Stub stub, string script, params string[] options) =>
        Task.Run(() => new CommandLine(stub.Url).Run(["run", "-b", "b", "--ttl", "1s", .. options, "--", "sh", "-c", script])).WaitAsync(Patience);

    private async Task<(string Lease, HttpStatusCode Status)> LookAsync(string told)
    {
        var words = (await File.ReadAllTextAsync(told)).Split(' ', StringSplitOptions.TrimEntries);
        words.Length.ShouldBe(3);
        words[1..].ShouldAllBe(word => long.Parse(word, CultureInfo.InvariantCulture) > 0);
        using var answer = await gateway.Http.GetAsync($"{gateway.Url}{Leases}/{words[0]}");
        return (words[0], answer.StatusCode);
    }
}
