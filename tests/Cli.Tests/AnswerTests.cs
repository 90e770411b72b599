using System.Net.Mime;
using Admission.Cli.Tests.Support;
using Admission.Testing;
using Microsoft.AspNetCore.Http;

namespace Admission.Cli.Tests;

/// <summary>Answers that are odd, end too soon, or never end: each is told, and none ends the command with a stack trace, or leaves it waiting.</summary>
public sealed class AnswerTests : IDisposable
{
    private const string Odd = "but not as a gateway of Admission does. Is --url right";

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("null", "backends")]
    [InlineData("null", "version")]
    [InlineData("null", "cluster", "--json")]
    [InlineData("{}", "backends")]
    [InlineData("{}", "top", "--once")]
    [InlineData("{}", "jobs")]
    [InlineData("[]", "jobs", "show", "1")]
    [InlineData("""{"at":"2026-11-21T23:00:00Z","backends":[null]}""", "backends")]
    [InlineData("", "top", "--once", "--json")]
    public async Task An_odd_answer_is_told(string answer, params string[] line)
    {
        await using var stub = await Stub.StartAsync(context => Stub.AnswerAsync(context, answer));
        var (code, _, errors) = new CommandLine(stub.Url).Run(line);
        errors.ShouldContain(Odd);
        code.ShouldBe(ExitCodes.Unreachable);
    }

    [Fact]
    public async Task Odd_problems_are_told()
    {
        var (list, problem) = ("[]", "null");
        await using var stub = await Stub.StartAsync(context =>
        {
            if (context.Request.Path == "/admission/v1/backends")
            {
                return Stub.AnswerAsync(context, list);
            }

            context.Response.StatusCode = 404;
            context.Response.ContentType = MediaTypeNames.Application.ProblemJson;
            return context.Response.WriteAsync(problem);
        });
        var cli = new CommandLine(stub.Url);
        cli.Fails(ExitCodes.Unreachable, "history", "x").ShouldContain(Odd);

        problem = """{"title":"Not Found","errors":[null]}""";
        cli.Fails(ExitCodes.Refused, "history", "x").ShouldBe($"Not Found.{Environment.NewLine}");

        (list, problem) = ("[{}]", """{"status":404,"reason":"unknown-backend","title":"No","detail":"There is none.","backend":"x"}""");
        cli.Fails(ExitCodes.Unreachable, "history", "x").ShouldContain(Odd);
    }

    [Theory]
    [InlineData("event: job\ndata: null\n\n")]
    [InlineData("event: job\ndata: {}\n\n")]
    [InlineData("event: job\ndata: {\n\n")]
    [InlineData("event: error\ndata: null\n\n")]
    public async Task An_odd_event_ends_the_watching(string events)
    {
        await using var stub = await Stub.StartAsync(context =>
        {
            context.Response.ContentType = "text/event-stream";
            return context.Response.WriteAsync(events);
        });
        new CommandLine(stub.Url).Fails(ExitCodes.Unreachable, "jobs", "watch", "1").ShouldContain(Odd);
    }

    [Fact]
    public async Task A_result_that_breaks_off_leaves_no_file_and_no_file_changed()
    {
        await using var stub = await Stub.StartAsync(static context => BeginAsync(context, "done"));
        var cli = new CommandLine(stub.Url);
        cli.Fails(ExitCodes.Unreachable, "jobs", "result", "1", "-o", _folder["new"]).ShouldContain("broke off");
        File.Exists(_folder["new"]).ShouldBeFalse();

        await File.WriteAllTextAsync(_folder["old"], "as it was");
        cli.Fails(ExitCodes.Unreachable, "jobs", "result", "1", "-o", _folder["old"]).ShouldContain("broke off");
        (await File.ReadAllTextAsync(_folder["old"])).ShouldBe("as it was");

        var (code, _, errors) = cli.Run("jobs", "result", "1");
        errors.ShouldContain("broke off");
        code.ShouldBe(ExitCodes.Unreachable);
        cli.Fails(ExitCodes.Unreachable, "jobs", "result", "1", "--json").ShouldContain("broke off");
    }

    [Theory]
    [InlineData("done")]
    [InlineData("running")]
    public async Task A_result_that_never_ends_is_told(string state)
    {
        await using var stub = await Stub.StartAsync(async context =>
        {
            await BeginAsync(context, state);
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        });
        using var stop = new CancellationTokenSource(Bound);
        var (code, _, errors) = new CommandLine(stub.Url).Run(stop.Token, "jobs", "result", "1", "--timeout", "300ms");
        errors.ShouldContain("began to answer, and then said nothing for 0.3 s.");
        code.ShouldBe(ExitCodes.Unreachable);
    }

    [Fact]
    public async Task A_stream_that_says_nothing_more_is_begun_again()
    {
        var streams = 0;
        await using var stub = await Stub.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            var isFirst = Interlocked.Increment(ref streams) == 1;
            await context.Response.WriteAsync($$"""
                event: job
                data: {"id":"1","backend":"b","tenant":null,"state":"{{(isFirst ? "running" : "done")}}","accepted":"2026-01-01T00:00:00Z","expires":"2026-01-01T00:00:00Z","attempts":[]}


                """);
            await context.Response.Body.FlushAsync();
            await (isFirst ? Task.Delay(Timeout.Infinite, context.RequestAborted) : Task.CompletedTask);
        });
        using var stop = new CancellationTokenSource(Bound);
        var (code, output, errors) = new CommandLine(stub.Url) { Time = new FastTime() }.Run(stop.Token, "jobs", "watch", "1", "--timeout", "10m");
        errors.ShouldContain("began to answer, and then said nothing for 45 s. Asking again every second.");
        output.ShouldContain("running");
        output.ShouldContain("done");
        code.ShouldBe(ExitCodes.Done);
    }

    [Fact]
    public void An_empty_name_is_no_files()
    {
        var cli = new CommandLine("http://192.0.2.1");
        cli.Fails(ExitCodes.Mistaken, "backends", "--key-file", "").ShouldContain("--key-file is empty. Give the name of a file, or leave it out.");
        cli.Fails(ExitCodes.Mistaken, "backends", "--key-file", "", "--bogus").ShouldContain("--key-file is empty.");
        cli.Fails(ExitCodes.Mistaken, "jobs", "result", "1", "-o", "").ShouldContain("--output is empty.");
        cli.Fails(ExitCodes.Mistaken, "simulate", "--policy", "", "--trace", "", "--plot", "").ShouldContain("--plot is empty.");
        cli.Fails(ExitCodes.Refused, "check-config", "").ShouldContain("the name of a file is empty.");
    }

    [Fact]
    public async Task What_a_gateway_says_while_a_command_goes_on_has_no_control_characters()
    {
        var looks = 0;
        using var stop = new CancellationTokenSource(Bound);
        await using var stub = await Stub.StartAsync(async context =>
        {
            switch (Interlocked.Increment(ref looks))
            {
                case 1:
                    await Stub.AnswerAsync(context, """{"at":"2026-11-21T23:00:00Z","leftOut":0,"problem":null,"backends":[]}""");
                    break;
                case 2:
                    await Stub.RefuseAsync(context, 503, "away", "\e[2Jevil");
                    break;
                default:
                    await stop.CancelAsync();
                    break;
            }
        });
        var (code, _, errors) = new CommandLine(stub.Url).Run(stop.Token, "top", "--interval", "200ms");
        errors.ShouldContain("?[2Jevil Asking again.");
        errors.ShouldNotContain("\e");
        code.ShouldBe(ExitCodes.Interrupted);
    }

    [Fact]
    public async Task What_a_gateway_says_of_a_lease_has_no_control_characters()
    {
        await using var stub = await Stub.StartAsync(static context => context.Request.Method switch
        {
            "POST" => Stub.AnswerAsync(context, """{"id":"1-x","backend":"b","ttl":1,"expiresIn":0.9,"weight":1,"priority":10,"fencing":{"epoch":3,"number":41}}"""),
            "PUT" => Stub.RefuseAsync(context, 410, "lease-reclaimed", "\e[2Jlost"),
            _ => Stub.RefuseAsync(context, 500, "broken", "\e[2Jkept"),
        });
        var (code, _, errors) = new CommandLine(stub.Url).Run("run", "-b", "b", "--ttl", "1s", "--", "sleep", "20");
        errors.ShouldContain("because the gateway says: ?[2Jlost.");
        errors.ShouldContain("?[2Jkept");
        errors.ShouldNotContain("\e");
        code.ShouldBe(ExitCodes.LeaseLost);
    }

    [Fact]
    public async Task An_odd_answer_to_a_renewal_does_not_lose_the_lease()
    {
        var renewals = 0;
        await using var stub = await Stub.StartAsync(context => Stub.AnswerAsync(context, context.Request.Method == "PUT" && Interlocked.Increment(ref renewals) == 1
            ? "{}"
            : """{"id":"1-x","backend":"b","ttl":1,"expiresIn":60,"weight":1,"priority":10,"fencing":{"epoch":3,"number":41}}"""));
        var done = _folder["done"];
        var running = Task.Run(() => new CommandLine(stub.Url).Run("run", "-b", "b", "--ttl", "1s", "--", "sh", "-c", $"until [ -e {done} ]; do sleep 0.02; done; exit 7"));
        await Until.TrueAsync(() => renewals > 1 || running.IsCompleted, Bound, () => "It is not renewed again.");
        await File.WriteAllTextAsync(done, "");
        (await running.WaitAsync(Bound)).Code.ShouldBe(7);
    }

    /// <summary>Five bytes of a body of a hundred.</summary>
    private static async Task BeginAsync(HttpContext context, string state)
    {
        context.Response.Headers["X-Admission-Job-State"] = state;
        context.Response.ContentType = MediaTypeNames.Application.Json;
        context.Response.ContentLength = 100;
        await context.Response.WriteAsync("{\"a\":");
        await context.Response.Body.FlushAsync();
    }
}
