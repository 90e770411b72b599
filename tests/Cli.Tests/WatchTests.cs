using Admission.Cli.Tests.Support;
using Admission.Testing;
using Microsoft.AspNetCore.Http;

namespace Admission.Cli.Tests;

/// <summary><c>admission jobs watch</c> where streams end before the job does.</summary>
public sealed class WatchTests
{
    [Theory]
    [InlineData("dead", ExitCodes.Refused)]
    [InlineData("done", ExitCodes.Done)]
    public async Task Comes_back_when_a_stream_breaks_or_the_gateway_stops(string end, int code)
    {
        var streams = 0;
        using var output = new StringWriter();
        using var told = TextWriter.Synchronized(output);
        await using var stub = await Stub.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            switch (Interlocked.Increment(ref streams))
            {
                case 1:
                    await context.Response.WriteAsync($"event: job\ndata: {Job("running")}\n\n");
                    await context.Response.Body.FlushAsync();
                    await Until.TrueAsync(() => output.ToString().Contains("running", StringComparison.Ordinal), TimeSpan.FromSeconds(30), () => "The first state is not told.");
                    context.Abort();
                    break;
                case 2:
                    await context.Response.WriteAsync("retry: 1000\nevent: reconnect\ndata: {\"reason\":\"gateway-stopping\"}\n\n");
                    break;
                default:
                    await context.Response.WriteAsync($"event: job\ndata: {Job(end)}\n\n: waiting\n\nevent: result\ndata: {{}}\n\n");
                    break;
            }
        });
        AdmissionCommand.Run(["jobs", "watch", "1", "--json"], new CommandLine(stub.Url).Context(told, TextWriter.Null)).ShouldBe(code);
        output.ToString().TrimEnd().ReplaceLineEndings("\n").Split('\n').Select(line => System.Text.Json.JsonDocument.Parse(line, default).RootElement.GetProperty("state").GetString()).ShouldBe(["running", end]);
        streams.ShouldBe(3);
    }

    [Fact]
    public async Task A_job_that_is_not_there_ends_it()
    {
        await using var stub = await Stub.StartAsync(static context => Stub.RefuseAsync(context, 404, "unknown-job", "There is no job with this id."));
        new CommandLine(stub.Url).Fails(ExitCodes.Refused, "jobs", "watch", "1").ShouldContain("There is no job with this id.");
    }

    private static string Job(string state) =>
        $$"""{"id":"1","backend":"b","tenant":null,"state":"{{state}}","accepted":"2026-01-01T00:00:00Z","expires":"2026-01-01T00:00:00Z","attempts":[]}""";
}
