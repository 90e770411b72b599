using Admission.EndToEnd.Cluster.Backends;
using Admission.EndToEnd.Cluster.Load;

namespace Admission.EndToEnd.Cluster.Jobs;

/// <summary>The jobs of a fault run: for each backend that defers, clients that have one request at a time, somewhat more than it can serve at once.</summary>
internal sealed class JobLoad(IReadOnlyList<BackendPlan> backends, LoadBalancer balancer, int seed) : IAsyncDisposable
{
    // Followers more than permits, so that there are always jobs that wait; and two that only put in.
    private static readonly Following[] Clients =
    [
        Following.LongPoll, Following.Events, Following.LongPoll, Following.Events, Following.LongPoll, Following.Events, Following.Never, Following.Never,
    ];

    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _over = new();
    private Task _running = Task.CompletedTask;

    public JobRecords Records { get; } = new();

    public void Start() => _running = Task.Run(() => Task.WhenAll(
        backends.SelectMany((backend, at) => Clients.Select((following, number) =>
            new JobClient(backend, balancer, Records, following, seed + (at * 100) + number, $"job{at}-{number}").RunAsync(_stop.Token, _over.Token)))));

    /// <summary>No new requests; waits, so long at most, until clients have the results they wait for.</summary>
    public async Task StopAsync(TimeSpan bound)
    {
        await _stop.CancelAsync();
        _over.CancelAfter(bound);
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero);
        _stop.Dispose();
        _over.Dispose();
    }
}
