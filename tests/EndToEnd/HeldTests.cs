using System.Net;
using System.Text.Json;

namespace Admission.EndToEnd;

/// <summary>A real proxy between clients and the gateway, which cuts a connection on which nothing moves.</summary>
public sealed class HeldTests
{
    private const int IdleSeconds = 1;
    private const int WorkSeconds = 3;

    [SkippableFact]
    public async Task A_proxys_idle_time_out_does_not_end_a_held_connection_and_ends_one_that_is_not()
    {
        Need.HAProxy();
        await using var backend = PythonBackend.LaunchGunicorn(workers: 3);
        await using var gateway = await Gateway.InFrontOfAsync(new { Limit = 3, Hold = new { Mode = "Heartbeat", After = "300ms", Every = "300ms" } }, backend);
        using var folder = new TemporaryFolder();
        var port = FreePort.Take();
        await File.WriteAllTextAsync(
            folder["haproxy.cfg"],
            $"""
            defaults
              mode http
              timeout connect 5s
              timeout client {IdleSeconds}s
              timeout server {IdleSeconds}s
            listen gateway
              bind 127.0.0.1:{port}
              server one 127.0.0.1:{gateway.Port}

            """);
        await using var proxy = ChildProcess.Start("/usr/sbin/haproxy", ["-db", "-f", folder["haproxy.cfg"]], folder: folder.Path);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(30) };
        await Until.TrueAsync(() => AnswersAsync(http), TimeSpan.FromSeconds(10), () => $"HAProxy does not answer: {proxy.Output}");

        var answers = await Task.WhenAll(new[] { "text/html", "application/json", "text/event-stream" }.Select(accept => GetAsync(http, accept)));
        answers[0].Status.ShouldBe(HttpStatusCode.GatewayTimeout, "Nothing had come for a second.");
        using var json = JsonDocument.Parse(answers[1].Body);
        json.RootElement.GetProperty("id").GetString().ShouldBe("application/json");
        answers[1].Body.TakeWhile(character => character == '\n').Count().ShouldBeGreaterThan(2 * IdleSeconds, "The heartbeats.");
        answers[2].Body.ShouldContain("event: result\ndata: {\"status\":200,");
    }

    private static async Task<bool> AnswersAsync(HttpClient http)
    {
        try
        {
            using var response = await http.GetAsync("/health/live");
            return response.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private static async Task<(HttpStatusCode Status, string Body)> GetAsync(HttpClient http, string accept)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/work?id={accept}&ms={1000 * WorkSeconds}") { Headers = { { "Accept", accept } } };
        using var response = await http.SendAsync(request);
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}
