using System.Net.Sockets;

namespace Admission.EndToEnd.Load;

/// <summary>Requests at a fixed rate, each on a connection of its own, whatever becomes of the earlier ones.</summary>
internal sealed record OpenLoop(int Port, double PerSecond, TimeSpan Duration)
{
    public double WorkMs { get; init; } = 50;

    /// <summary>How long a client waits for its answer, once it has sent its request, before it vanishes; null: as long as it takes.</summary>
    public TimeSpan? Patience { get; init; }

    public async Task<LoadResult> RunAsync()
    {
        var start = Clock.Now;
        var total = (int)(PerSecond * Duration.TotalSeconds);
        var running = new List<Task<Answer>>(total);
        while (running.Count < total)
        {
            // What is due is sent, however coarse the timer is: the rate holds over any longer time.
            var due = Math.Min(total, 1 + (int)(Clock.Since(start).TotalSeconds * PerSecond));
            while (running.Count < due)
            {
                var id = $"{running.Count}";
                running.Add(Task.Run(() => RequestAsync(id)));
            }

            await Task.Delay(1);
        }

        var end = Clock.Now;
        return new(await Task.WhenAll(running), start, end);
    }

    private async Task<Answer> RequestAsync(string id)
    {
        var sent = Clock.Now;
        using var patience = new CancellationTokenSource();
        try
        {
            using var connection = await HttpConnection.OpenAsync(Port);
            await connection.SendAsync("GET", $"/work?id={id}&ms={WorkMs}");
            patience.CancelAfter(Patience ?? Timeout.InfiniteTimeSpan);
            return new(id, await connection.ReadAsync(patience.Token), null, sent, Clock.Now);
        }
        catch (OperationCanceledException)
        {
            return new(id, null, "left", sent, Clock.Now);
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return new(id, null, failure.Message, sent, Clock.Now);
        }
    }
}
