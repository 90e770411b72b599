namespace Admission.Dashboard.Feed;

/// <summary>What the dashboard shows, live. One feed serves all viewers of a process.</summary>
/// <remarks>
/// <para>What somebody watches is asked for about once a second, whatever the number of viewers, and what nobody watches is not asked for at all. A round that takes longer delays the next.</para>
/// <para>
/// A watcher is called with what is known at once, if there is something, and then after each round: on a thread of the pool, one call at a time, and always with the newest. It must be quick and not throw; a
/// component says <c>InvokeAsync(StateHasChanged)</c>. Disposing what <c>Watch</c> returns ends it; a call that is under way then may still come to its end.
/// </para>
/// <para>Thread-safe.</para>
/// </remarks>
public interface IDashboardFeed
{
    /// <summary>Viewers of everything together that a process has at most.</summary>
    const int MostViewers = 200;

    /// <summary>Backends that are watched one by one at most, each by any number of viewers.</summary>
    const int MostWatchedBackends = 50;

    /// <summary>Rows of an overview at most; the backends beyond that, by their names, are counted in <see cref="Overview.LeftOut"/>.</summary>
    const int MostRows = 5_000;

    /// <summary>Watches all backends.</summary>
    /// <param name="next">Is called with each new overview.</param>
    /// <returns>Ends it; null if there are <see cref="MostViewers"/> already.</returns>
    IDisposable? WatchOverview(Action<Overview> next);

    /// <summary>Watches one backend.</summary>
    /// <param name="backend">Its id; letter case does not matter.</param>
    /// <param name="next">Is called with each new state.</param>
    /// <returns>Ends it; null if there are <see cref="MostViewers"/> already, or <see cref="MostWatchedBackends"/> others are watched.</returns>
    IDisposable? WatchBackend(string backend, Action<BackendPage> next);

    /// <summary>Watches the silos and the processes that hold permits; a round of it every five seconds.</summary>
    /// <param name="next">Is called with each new state.</param>
    /// <returns>Ends it; null if there are <see cref="MostViewers"/> already.</returns>
    IDisposable? WatchCluster(Action<ClusterPage> next);

    /// <summary>Watches how many jobs there are; they are counted at most every ten seconds.</summary>
    /// <param name="next">Is called with each new count.</param>
    /// <returns>Ends it; null if there are <see cref="MostViewers"/> already.</returns>
    IDisposable? WatchJobs(Action<JobCounts> next);
}
