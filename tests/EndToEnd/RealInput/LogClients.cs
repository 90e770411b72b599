using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Text;

namespace Admission.EndToEnd.RealInput;

/// <summary>Clients that each write a row, all at the same time, and are content only when it is written: at once, or as a job whose result comes.</summary>
/// <param name="load">What the names of their rows begin with.</param>
/// <param name="path">What stands before <c>/rows</c>.</param>
/// <param name="portOf">Where a client sends its rows to.</param>
internal sealed class LogClients(string load, string path, Func<int, int> portOf)
{
    public const int Clients = 500;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    private int _deferred;

    /// <summary>What clients saw in place of a row that is written.</summary>
    public ConcurrentBag<string> Errors { get; } = [];

    /// <summary>Rows that were answered 202 first.</summary>
    public int Deferred => _deferred;

    /// <summary>The names of all rows, in order.</summary>
    public string[] Names => [.. Enumerable.Range(0, Clients).Select(Name).Order(StringComparer.Ordinal)];

    public Task RunAsync() => Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => WriteAsync(client))));

    private string Name(int client) => $"{load}-{client}";

    private async Task WriteAsync(int client)
    {
        using var bound = new CancellationTokenSource(Bound);
        try
        {
            var answer = await WriteRowAsync(portOf(client), Name(client), bound.Token);
            if (answer.Status != 201)
            {
                Errors.Add($"{answer.Status}: {answer.Body}");
            }
        }
        catch (Exception failure) when (failure is SocketException or IOException or OperationCanceledException)
        {
            Errors.Add($"{failure.GetType().Name}: {failure.Message}");
        }
    }

    private async Task<HttpAnswer> WriteRowAsync(int port, string name, CancellationToken cancellation)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"name":"{{name}}","message":"what happened"}""");
        var answer = await AskAsync(port, "POST", path + "/rows", "Content-Type: application/json\r\n", body, cancellation);
        if (answer.Status == 202)
        {
            Interlocked.Increment(ref _deferred);
            var result = answer.Header("Location") + "/result";
            while (answer.Status == 202)
            {
                answer = await AskAsync(port, "GET", result, "Prefer: wait=20\r\n", null, cancellation);
            }
        }

        return answer;
    }

    private static async Task<HttpAnswer> AskAsync(int port, string method, string target, string headers, byte[]? body, CancellationToken cancellation)
    {
        using var connection = await HttpConnection.OpenAsync(port, cancellation: cancellation);
        await connection.SendAsync(method, target, headers + "Connection: close\r\n", body, cancellation);
        return await connection.ReadAsync(cancellation);
    }
}
