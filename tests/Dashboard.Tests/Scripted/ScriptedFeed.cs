using Admission.Dashboard.Feed;

namespace Admission.Dashboard.Tests.Scripted;

/// <summary>A feed that shows what it is told, when it is told: what a page makes of it does not depend on a cluster then.</summary>
public sealed class ScriptedFeed : IDashboardFeed
{
    private readonly Lock _lock = new();
    private readonly List<Action<Overview>> _overviews = [];
    private readonly List<(string Backend, Action<BackendPage> Next)> _backends = [];
    private readonly List<Action<ClusterPage>> _clusters = [];
    private readonly List<Action<JobCounts>> _jobs = [];
    private readonly Dictionary<string, BackendPage> _pages = new(StringComparer.OrdinalIgnoreCase);
    private Overview? _overview;
    private ClusterPage? _cluster;
    private JobCounts? _counts;

    /// <summary>Nobody else is served.</summary>
    public bool IsFull { get; set; }

    /// <summary>Those who watch anything.</summary>
    public int Watchers
    {
        get
        {
            lock (_lock)
            {
                return _overviews.Count + _backends.Count + _clusters.Count + _jobs.Count;
            }
        }
    }

    /// <summary>What was shown before is told to nobody any more.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            (_overview, _cluster, _counts, IsFull) = (null, null, null, false);
            _pages.Clear();
        }
    }

    public void Show(Overview overview) => Call(_overviews, _overview = overview);

    public void Show(ClusterPage cluster) => Call(_clusters, _cluster = cluster);

    public void Show(JobCounts counts) => Call(_jobs, _counts = counts);

    public void Show(BackendPage page)
    {
        Action<BackendPage>[] watchers;
        lock (_lock)
        {
            _pages[page.Row.Id] = page;
            watchers = [.. _backends.Where(each => string.Equals(each.Backend, page.Row.Id, StringComparison.OrdinalIgnoreCase)).Select(each => each.Next)];
        }

        Array.ForEach(watchers, next => next(page));
    }

    public IDisposable? WatchOverview(Action<Overview> next) => Watch(_overviews, next, () => _overview);

    public IDisposable? WatchCluster(Action<ClusterPage> next) => Watch(_clusters, next, () => _cluster);

    public IDisposable? WatchJobs(Action<JobCounts> next) => Watch(_jobs, next, () => _counts);

    public IDisposable? WatchBackend(string backend, Action<BackendPage> next)
    {
        if (IsFull)
        {
            return null;
        }

        BackendPage? known;
        lock (_lock)
        {
            _backends.Add((backend, next));
            known = _pages.GetValueOrDefault(backend);
        }

        if (known is not null)
        {
            next(known);
        }

        return new Ended(() => Remove(_backends, (backend, next)));
    }

    private Ended? Watch<T>(List<Action<T>> watchers, Action<T> next, Func<T?> known)
        where T : class
    {
        if (IsFull)
        {
            return null;
        }

        lock (_lock)
        {
            watchers.Add(next);
        }

        if (known() is { } now)
        {
            next(now);
        }

        return new Ended(() => Remove(watchers, next));
    }

    private void Call<T>(List<Action<T>> watchers, T value)
    {
        Action<T>[] all;
        lock (_lock)
        {
            all = [.. watchers];
        }

        Array.ForEach(all, next => next(value));
    }

    private void Remove<T>(List<T> watchers, T watcher)
    {
        lock (_lock)
        {
            watchers.Remove(watcher);
        }
    }

    private sealed class Ended(Action end) : IDisposable
    {
        public void Dispose() => end();
    }
}
