namespace Admission.EndToEnd.Cluster.Load;

/// <summary>What stands in front of the frontends: it knows which are ready, half a second late.</summary>
internal sealed class LoadBalancer(IReadOnlyList<ServerTarget> frontends) : IAsyncDisposable
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private Task[] _probing = [];

    public IReadOnlyList<ServerTarget> Frontends => frontends;

    public void Start() => _probing = [.. frontends.Select(frontend => Task.Run(() => ProbeAsync(frontend)))];

    /// <summary>One of those that are ready; if none is, any: its answer must be clean all the same.</summary>
    public ServerTarget Choose(Random random)
    {
        var ready = frontends.Where(frontend => frontend.IsReady).ToArray();
        return ready.Length > 0 ? ready[random.Next(ready.Length)] : frontends[random.Next(frontends.Count)];
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_probing);
        _stop.Dispose();
    }

    private async Task ProbeAsync(ServerTarget frontend)
    {
        using var timer = new PeriodicTimer(Period);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                await frontend.ProbeAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
    }
}
