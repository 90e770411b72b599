using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text.Json;

namespace Admission.EndToEnd.RealInput;

/// <summary>Clients that all call at the same time, and each wait for their result in their own way until it is there.</summary>
internal sealed class SlowCallers(int port, SlowCallSize size)
{
    public ConcurrentQueue<SlowResult> Results { get; } = [];

    /// <summary>What clients saw in place of their results.</summary>
    public ConcurrentQueue<string> Errors { get; } = [];

    public Task RunAsync() => Task.WhenAll(Enumerable.Range(0, size.Clients).Select(client => Task.Run(() => CallAsync($"{client}", (Kind)(client % 3)))));

    private async Task CallAsync(string id, Kind kind)
    {
        using var bound = new CancellationTokenSource(size.Bound);
        try
        {
            var (answer, waited) = kind switch
            {
                Kind.Held => await HeldAsync(id, bound.Token),
                Kind.Events => await EventsAsync(id, bound.Token),
                _ => await JobAsync(id, bound.Token),
            };
            var time = Clock.Now;
            using var body = JsonDocument.Parse(answer);
            if (body.RootElement.TryGetProperty("id", out var own) && own.GetString() == id)
            {
                Results.Enqueue(new(id, kind, waited, time));
            }
            else
            {
                Errors.Enqueue($"{id} ({kind}): {answer}");
            }
        }
        catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException or JsonException)
        {
            Errors.Enqueue($"{id} ({kind}): {failure.Message}");
        }
    }

    private async Task<(string Answer, bool Waited)> HeldAsync(string id, CancellationToken cancellation)
    {
        var answer = await AskAsync(Call(id), "Accept: application/json\r\n", cancellation);
        return (answer.Body, char.IsWhiteSpace(answer.Body[0]));
    }

    private async Task<(string Answer, bool Waited)> EventsAsync(string id, CancellationToken cancellation)
    {
        var stream = (await AskAsync(Call(id), "Accept: text/event-stream\r\n", cancellation)).Body;
        var events = stream.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        var waited = events.Any(each => each.StartsWith("event: ticket\n", StringComparison.Ordinal));
        const string Result = "event: result\ndata: ";
        if (!events[^1].StartsWith(Result, StringComparison.Ordinal))
        {
            return (events[^1], waited);
        }

        using var result = JsonDocument.Parse(events[^1].AsMemory(Result.Length));
        return (result.RootElement.GetProperty("body").GetString()!, waited);
    }

    private async Task<(string Answer, bool Waited)> JobAsync(string id, CancellationToken cancellation)
    {
        var answer = await AskAsync(Call(id), "Prefer: respond-async\r\n", cancellation);
        var waited = answer.Status == 202;
        for (var address = answer.Header("Location"); answer.Status == 202;)
        {
            answer = await AskAsync(address + "/result", "Prefer: wait=60\r\n", cancellation);
        }

        return (answer.Body, waited);
    }

    private string Call(string id) => $"/work?id={id}&ms={size.Call.TotalMilliseconds}";

    private async Task<HttpAnswer> AskAsync(string target, string headers, CancellationToken cancellation)
    {
        using var connection = await HttpConnection.OpenAsync(port, cancellation: cancellation);
        await connection.SendAsync("GET", target, headers + "Connection: close\r\n", cancellation: cancellation);
        return await connection.ReadAsync(cancellation);
    }
}
