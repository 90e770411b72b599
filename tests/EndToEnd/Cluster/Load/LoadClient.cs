using System.Net.Sockets;
using Admission.EndToEnd.Cluster.Backends;
using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster.Load;

/// <summary>
/// One client of one backend, with one request at a time. It stays with its frontend's connection, and goes to another frontend after a refusal or a failure,
/// and now and then by itself.
/// </summary>
internal sealed class LoadClient(BackendPlan backend, LoadBalancer balancer, int seed, string name) : IDisposable
{
    /// <summary>The longest that a client waits for an answer: longer than any queue and work together.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private const double ShareThatMoves = 0.1;
    private const double ShareWithBody = 0.05;

    private static readonly byte[] Body = new byte[2000];

    private readonly Random _random = new(seed);
    private ServerTarget? _frontend;
    private HttpConnection? _connection;
    private int _number;

    /// <summary>How long it waits before it comes back after a refusal.</summary>
    public TimeSpan NextPause() => TimeSpan.FromMilliseconds(_random.Next(100, 300));

    /// <summary>Sends a request and waits for its end.</summary>
    /// <param name="patience">How long it waits before it leaves by its own will; null: it does not.</param>
    public async Task<RequestRecord> RequestAsync(TimeSpan? patience = null)
    {
        if (_connection is null || _random.NextDouble() < ShareThatMoves)
        {
            Disconnect();
            _frontend = balancer.Choose(_random);
        }

        var (id, sent) = ($"{name}.{_number++}", Clock.Now);
        var (end, detail) = await AskAsync(_frontend!, id, patience ?? Patience);
        if (end == RequestEnd.Left && patience is null)
        {
            (end, detail) = (RequestEnd.Unclean, $"no answer in {Patience.TotalSeconds} s");
        }

        if (end != RequestEnd.Served)
        {
            Disconnect();
        }

        return new(backend.Id, _frontend!.Name, sent, Clock.Now, end, detail);
    }

    public void Dispose() => Disconnect();

    private async Task<(RequestEnd End, string Detail)> AskAsync(ServerTarget frontend, string id, TimeSpan bound)
    {
        using var timeout = new CancellationTokenSource(bound);
        try
        {
            _connection ??= await frontend.ConnectAsync(timeout.Token);
        }
        catch (SocketException refused)
        {
            return (RequestEnd.NotSent, refused.SocketErrorCode.ToString());
        }
        catch (OperationCanceledException)
        {
            return (RequestEnd.NotSent, "no connection");
        }

        try
        {
            var body = _random.NextDouble() < ShareWithBody ? Body : null;
            await _connection.SendAsync(body is null ? "GET" : "POST", $"/{backend.Id}/work?id={id}&ms={backend.Work.Next(_random)}", body: body, cancellation: timeout.Token);
            var answer = await _connection.ReadAsync(timeout.Token);
            if (answer.Header("Connection") is "close")
            {
                Disconnect();
            }

            return RequestJudge.Of(id, answer);
        }
        catch (OperationCanceledException)
        {
            return (RequestEnd.Left, "");
        }
        catch (SocketException failure)
        {
            return (RequestEnd.Unclean, failure.SocketErrorCode.ToString());
        }
        catch (IOException)
        {
            return (RequestEnd.Unclean, "closed in the middle");
        }
    }

    private void Disconnect()
    {
        _connection?.Dispose();
        _connection = null;
    }
}
