using System.Collections.Concurrent;
using Admission.EndToEnd.Cluster.Backends;
using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster.Load;

/// <summary>
/// The load of a fault run: for each backend, clients that have one request at a time, somewhat more than it can serve at once; and beside them, at a fixed rate,
/// clients that come once and leave early.
/// </summary>
internal sealed class SteadyLoad(IReadOnlyList<BackendPlan> backends, LoadBalancer balancer, int seed) : IAsyncDisposable
{
    private readonly ConcurrentQueue<RequestRecord> _requests = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private int _visitors;

    /// <summary>Clients for each permit of a backend, and how many more.</summary>
    public (double PerPermit, int More) Clients { get; init; } = (1.15, 3);

    /// <summary>What the ids of its requests begin with: each load at the same backends needs its own.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>Clients a second that come once and leave early; 0 for none.</summary>
    public double VisitorsPerSecond { get; init; } = 8;

    public int Count => _requests.Count;

    /// <summary>What has become of those that have ended.</summary>
    public IReadOnlyList<RequestRecord> Requests => [.. _requests];

    public void Start() => _running = Task.Run(RunAsync);

    /// <summary>No new requests; waits for those that are under way.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private Task RunAsync()
    {
        var tasks = new List<Task>();
        foreach (var backend in backends)
        {
            for (var left = (int)Math.Ceiling(backend.Limit * Clients.PerPermit) + Clients.More; left > 0; left--)
            {
                tasks.Add(StayAsync(backend, tasks.Count));
            }
        }

        if (VisitorsPerSecond > 0)
        {
            tasks.Add(VisitAsync(new Random(seed)));
        }

        return Task.WhenAll(tasks);
    }

    private async Task StayAsync(BackendPlan backend, int number)
    {
        using var client = new LoadClient(backend, balancer, seed + number, $"{Prefix}{number}");
        while (!_stop.IsCancellationRequested)
        {
            var request = await client.RequestAsync();
            _requests.Enqueue(request);
            if (request.End != RequestEnd.Served)
            {
                await PauseAsync(client.NextPause());
            }
        }
    }

    private async Task VisitAsync(Random random)
    {
        var visits = new List<Task>();
        while (!_stop.IsCancellationRequested)
        {
            visits.RemoveAll(visit => visit.IsCompletedSuccessfully);
            visits.Add(VisitOnceAsync(backends[random.Next(backends.Count)], TimeSpan.FromMilliseconds(random.Next(20, 1000))));
            await PauseAsync(TimeSpan.FromSeconds(-Math.Log(1 - random.NextDouble()) / VisitorsPerSecond));
        }

        await Task.WhenAll(visits);
    }

    private async Task VisitOnceAsync(BackendPlan backend, TimeSpan patience)
    {
        var number = Interlocked.Increment(ref _visitors);
        using var client = new LoadClient(backend, balancer, seed ^ number, $"{Prefix}v{number}");
        _requests.Enqueue(await client.RequestAsync(patience));
    }

    private async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopped: the caller looks.
        }
    }
}
