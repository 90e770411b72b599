using Admission.Cli.Tests.Support;
using Admission.Testing;
using Microsoft.AspNetCore.Http;

namespace Admission.Cli.Tests;

/// <summary>What is said when a gateway is away, is none, or wants a key; and that no key is ever said.</summary>
public sealed class ErrorTests : IDisposable
{
    private const string Key = "adm_secret-of-this-test";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("backends")]
    [InlineData("top")]
    [InlineData("top", "--once")]
    [InlineData("cluster")]
    [InlineData("jobs")]
    [InlineData("set", "limit", "x", "3", "--yes")]
    public void Says_that_no_gateway_is_there(params string[] line)
    {
        var url = $"http://127.0.0.1:{FreePort.Take()}";
        new CommandLine(url).Fails(ExitCodes.Unreachable, line).ShouldContain($"No gateway answers at {url}/: Connection refused. Start it, or say where it is with --url or ADMISSION_URL.");
    }

    [Fact]
    public async Task Says_that_an_answer_takes_too_long()
    {
        await using var stub = await Stub.StartAsync(static context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        new CommandLine(stub.Url).Fails(ExitCodes.Unreachable, "backends", "--timeout", "200ms").ShouldContain("did not answer within 0.2 s");
    }

    [Fact]
    public async Task Says_that_something_else_is_there()
    {
        await using var stub = await Stub.StartAsync(static context => context.Response.WriteAsync("<html>hello</html>"));
        new CommandLine(stub.Url).Fails(ExitCodes.Unreachable, "backends").ShouldContain("but not as a gateway of Admission does. Is --url right?");
    }

    [Fact]
    public async Task Sends_the_key_and_never_says_it()
    {
        var given = "";
        await using var stub = await Stub.StartAsync(context =>
        {
            given = context.Request.Headers.Authorization.ToString();
            return Stub.RefuseAsync(context, given.Length == 0 ? 401 : 403, "forbidden", "Only for operators.");
        });
        var cli = new CommandLine(stub.Url);
        cli.Fails(ExitCodes.NotAllowed, "backends").ShouldContain("wants an API key. Put it into ADMISSION_KEY, or into a file for --key-file.");
        given.ShouldBeEmpty();

        cli.Environment["ADMISSION_KEY"] = "adm_of-the-environment";
        cli.Fails(ExitCodes.NotAllowed, "backends").ShouldBe($"Only for operators.{Environment.NewLine}");
        given.ShouldBe("Bearer adm_of-the-environment");

        File.WriteAllText(_folder["key"], $"{Key}\r\nand a note\n");
        cli.Fails(ExitCodes.NotAllowed, "backends", "--key-file", _folder["key"]).ShouldNotContain(Key);
        given.ShouldBe($"Bearer {Key}");

        File.WriteAllText(_folder["key"], $"{Key} with spaces\n");
        var wrong = cli.Fails(ExitCodes.Mistaken, "backends", "--key-file", _folder["key"]);
        wrong.ShouldContain("has no key");
        wrong.ShouldNotContain(Key);
        foreach (var line in new string[][] { ["backends", "--key", Key], ["backends", $"--key={Key}"] })
        {
            var refused = cli.Fails(ExitCodes.Mistaken, line);
            refused.ShouldContain("A key on a command line is seen by everybody");
            refused.ShouldNotContain(Key);
        }
    }

    [Fact]
    public void Tells_every_mistake_of_a_command_line()
    {
        var errors = new CommandLine("ftp://x").Fails(ExitCodes.Mistaken, "set", "limit", "sample", "-3", "--timeout", "5", "--bogus", "--key-file", "/no/such/file");
        errors.ShouldContain("--bogus");
        errors.ShouldContain("ADMISSION_URL ftp://x is not the address of a gateway.");
        errors.ShouldContain("--key-file /no/such/file: there is no such file.");
        errors.ShouldContain("--timeout 5 is not understood.");
        errors.ShouldContain("N -3 is not possible. Give a whole number from 0 to 1000000.");
        errors.ShouldContain("See admission set limit --help.");
        new CommandLine("http://x").Fails(ExitCodes.Mistaken, "backends", "--jsn").ShouldContain("There is no option --jsn. Did you mean '--json'?");
        new CommandLine("http://x").Fails(ExitCodes.Mistaken, "bakends").ShouldContain("Did you mean 'backends'?");
        new CommandLine("http://x").Fails(ExitCodes.Mistaken, "set", "limit", "x").ShouldContain("N is missing");
        new CommandLine("http://x").Fails(ExitCodes.Mistaken, "set", "limit", "x", "3", "--reset").ShouldContain("N and --reset contradict each other.");
        new CommandLine("http://x").Fails(ExitCodes.Mistaken, "explain").ShouldContain("Say what is to be explained");
        new CommandLine("http://x").Fails(ExitCodes.Mistaken, "top", "--interval", "10ms", "--sort", "trubble").ShouldContain("Did you mean 'trouble'?");
    }

    [Fact]
    public async Task Control_characters_of_others_do_not_reach_the_terminal()
    {
        await using var stub = await Stub.StartAsync(static context => Stub.AnswerAsync(context, """
            {"jobs":[{"id":"1","backend":"b","tenant":"\u001b[2J\u0007evil\u009b","state":"queued","ahead":1,"accepted":"2026-01-01T00:00:00Z","expires":"2026-01-01T00:00:00Z","attempts":[]}],"next":null}
            """));
        new CommandLine(stub.Url).Done("jobs").ShouldContain("?[2J?evil?");
    }
}
