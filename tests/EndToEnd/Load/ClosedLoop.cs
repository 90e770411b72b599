using System.Net.Sockets;

namespace Admission.EndToEnd.Load;

/// <summary>Clients that each have one request at a time, on a connection that is kept.</summary>
internal sealed record ClosedLoop(int Port, int Clients, TimeSpan Duration)
{
    /// <summary>The work asked of the backend, in milliseconds.</summary>
    public double WorkMs { get; init; } = 50;

    /// <summary>How long a client waits after any answer but 200. Zero: it comes back at once.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>The most requests in all, so that a storm of refusals stays bounded.</summary>
    public int MaxRequests { get; init; } = 200_000;

    public async Task<LoadResult> RunAsync()
    {
        var (start, count) = (Clock.Now, 0);
        var end = start + (long)(Duration.TotalSeconds * 1e9);
        var answers = await Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => ClientAsync(client))));
        return new([.. answers.SelectMany(list => list)], start, Math.Min(end, Clock.Now));

        async Task<List<Answer>> ClientAsync(int client)
        {
            var mine = new List<Answer>();
            HttpConnection? connection = null;
            for (var number = 0; Clock.Now < end && Interlocked.Increment(ref count) <= MaxRequests; number++)
            {
                var (id, sent) = ($"{client}.{number}", Clock.Now);
                try
                {
                    connection ??= await HttpConnection.OpenAsync(Port);
                    await connection.SendAsync("GET", $"/work?id={id}&ms={WorkMs}");
                    var http = await connection.ReadAsync();
                    mine.Add(new(id, http, null, sent, Clock.Now));
                    if (http.Header("Connection") is "close")
                    {
                        connection.Dispose();
                        connection = null;
                    }
                }
                catch (Exception failure) when (failure is SocketException or IOException)
                {
                    mine.Add(new(id, null, failure.Message, sent, Clock.Now));
                    connection?.Dispose();
                    connection = null;
                }

                if (mine[^1].Status != 200 && Pause > TimeSpan.Zero)
                {
                    await Task.Delay(Pause);
                }
            }

            connection?.Dispose();
            return mine;
        }
    }
}
