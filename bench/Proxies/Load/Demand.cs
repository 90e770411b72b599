using Admission.Bench.Proxies.Peers;

namespace Admission.Bench.Proxies.Load;

/// <summary>A load of clients that each want 50 ms of the backend's work, on all proxies of a front at the same time.</summary>
/// <param name="Name">Its name in the tables.</param>
/// <param name="RunAsync">Runs it for a time.</param>
internal sealed record Demand(string Name, Func<Front, TimeSpan, Task<IReadOnlyList<LoadResult>>> RunAsync)
{
    /// <summary>How much of the load the first of several proxies has; the others share the rest.</summary>
    private const double OnTheFirst = 0.9;

    /// <summary>How soon a client of <see cref="Closed"/> comes back that was refused.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>So many clients, each with one request at a time. Who is refused comes back after 100 ms, the others at once.</summary>
    public static Demand Closed(int clients) => new($"{clients} clients", (front, duration) => OnEachAsync(front, (port, share) =>
        new ClosedLoop(port, (int)Math.Round(clients * share), duration) { WorkMs = Outcome.WorkMs, Pause = Pause }.RunAsync()));

    /// <summary>So many requests a second, whatever becomes of them; who has no answer in time leaves.</summary>
    public static Demand Open(string name, double perSecond, TimeSpan patience) => new(name, (front, duration) => OnEachAsync(front, (port, share) =>
        new OpenLoop(port, perSecond * share, duration) { WorkMs = Outcome.WorkMs, Patience = patience }.RunAsync()));

    private static async Task<IReadOnlyList<LoadResult>> OnEachAsync(Front front, Func<int, double, Task<LoadResult>> runAsync) =>
        await Task.WhenAll(front.Ports.Select((port, index) => runAsync(port, Share(index, front.Ports.Count))));

    private static double Share(int index, int count) => count == 1 ? 1 : index == 0 ? OnTheFirst : (1 - OnTheFirst) / (count - 1);
}
