using Admission.Client;
using Admission.Dashboard.Feed.Jobs;
using Admission.Dashboard.Feed.Ledgers;
using Admission.Dashboard.Feed.Pages;
using Admission.Dashboard.Feed.Rounds;
using Admission.Grains.Cluster;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Admission.Dashboard.Feed;

/// <summary>One feed for all viewers of this process: a <see cref="FeedTopic{T}"/> for each thing that is watched.</summary>
internal sealed partial class DashboardFeed : IDashboardFeed
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Slowly = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly FeedPlaces _places = new(IDashboardFeed.MostViewers);
    private readonly Dictionary<string, FeedTopic<BackendPage>> _backends = new(StringComparer.OrdinalIgnoreCase);
    private readonly FeedTopic<Overview> _overview;
    private readonly FeedTopic<ClusterPage> _cluster;
    private readonly FeedTopic<JobCounts> _jobs;
    private readonly Func<string, BackendRounds> _rounds;
    private readonly LedgerRounds _ledgers;
    private readonly AdmissionClient? _client;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    public DashboardFeed(IGrainFactory grains, BackendList list, IJobsDoor jobs, IServiceProvider services, TimeProvider time, ILogger<DashboardFeed> logger)
    {
        var faults = new FaultLog();
        _time = time;
        _logger = logger;
        _client = services.GetService<AdmissionClient>();
        _ledgers = new LedgerRounds(grains, list, time, faults);
        _rounds = backend => new BackendRounds(backend, _ledgers, list, grains, _client, faults, time);
        _overview = Topic(Second, OverviewAsync);
        _cluster = Topic(Slowly, new ClusterRounds(_ledgers, grains, _client, services.GetService<ClusterSettings>(), services.GetService<SiloDirectory>(), faults, time).RoundAsync);
        _jobs = Topic(Slowly, new JobRounds(jobs, time).RoundAsync);
    }

    /// <inheritdoc/>
    public IDisposable? WatchOverview(Action<Overview> next) => _overview.Watch(next);

    /// <inheritdoc/>
    public IDisposable? WatchCluster(Action<ClusterPage> next) => _cluster.Watch(next);

    /// <inheritdoc/>
    public IDisposable? WatchJobs(Action<JobCounts> next) => _jobs.Watch(next);

    /// <inheritdoc/>
    public IDisposable? WatchBackend(string backend, Action<BackendPage> next)
    {
        ArgumentException.ThrowIfNullOrEmpty(backend);
        FeedTopic<BackendPage>? topic;
        FeedTopic<BackendPage>.Watcher? watcher;
        lock (_gate)
        {
            if (!_backends.TryGetValue(backend, out topic))
            {
                if (_backends.Count >= IDashboardFeed.MostWatchedBackends)
                {
                    ForgetIdle();
                }

                if (_backends.Count >= IDashboardFeed.MostWatchedBackends)
                {
                    return null;
                }

                topic = _backends[backend] = Topic(Second, _rounds(backend).RoundAsync);
            }

            // In the same lock, because a topic that nobody watches may be forgotten.
            watcher = topic.Add(next);
        }

        topic.TellKnown(watcher);
        return watcher;
    }

    private async Task<Overview> OverviewAsync(CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        var (views, leftOut, problem) = await _ledgers.AskAllAsync(cancellation);
        BackendRow[] rows = [.. views.Select(view => view.ToRow(_client))];
        Array.Sort(rows, static (one, other) =>
            other.Trouble != one.Trouble ? other.Trouble.CompareTo(one.Trouble) : StringComparer.OrdinalIgnoreCase.Compare(one.Id, other.Id));
        return new Overview(_time.GetUtcNow(), rows, leftOut, _time.GetElapsedTime(began), problem);
    }

    private void ForgetIdle()
    {
        foreach (var idle in _backends.Where(each => each.Value.IsIdle).Select(each => each.Key).ToArray())
        {
            _backends.Remove(idle);
        }
    }

    private FeedTopic<T> Topic<T>(TimeSpan period, Func<CancellationToken, Task<T>> round)
        where T : class => new(period, round, _places, _time, LogFailed);

    [LoggerMessage(2233, LogLevel.Error, "A round of the dashboard's feed, or one of its viewers, has failed. It goes on with the next.")]
    private partial void LogFailed(Exception exception);
}
