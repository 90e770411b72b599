using System.Collections.Frozen;
using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Buffering;
using Admission.Frontend.Configuration;
using Admission.Frontend.Deferring;
using Admission.Frontend.Recording;
using Admission.Grains;
using Admission.Grains.Cluster;
using Admission.Grains.Configuration;
using Microsoft.Extensions.Primitives;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Forwarding;

/// <summary>
/// The backends in force. Follows the section <c>Admission</c> and YARP's clusters, and tells the client of every policy.
/// </summary>
/// <remarks>
/// Requests read <see cref="_applied"/> without a lock. Changes are applied under <see cref="_gate"/>, shortly after the last one of a series, because
/// a changed file reaches YARP and this table in no fixed order. YARP forwards a new cluster at once; until this table has followed, nobody knows whether
/// it has a limit, and its requests are refused.
/// </remarks>
internal sealed partial class BackendTable : IHostedService, IConfigChangeListener, IDisposable
{
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly IConfigurationSection _section;
    private readonly AdmissionClient _client;
    private readonly Buffers _buffers;
    private readonly ArrivalRecorder _recorder;
    private readonly JobDesk _jobs;
    private readonly ILogger<BackendTable> _logger;
    private readonly TimeProvider _time;
    private readonly ITimer _timer;
    private readonly ClusterStart? _cluster;
    private readonly CancellationTokenSource _stopped = new();
    private readonly CancellationToken _stopping;
    private readonly HashSet<string> _warned = new(StringComparer.OrdinalIgnoreCase);
    private volatile Applied _applied = Applied.Nothing;
    private IReadOnlyList<ClusterConfig> _clusters = [];
    private IReadOnlyList<RouteConfig> _routes = [];
    private IDisposable? _subscription;
    private volatile bool _started;
    private bool _disposed;

    public BackendTable(
        AdmissionSection section, AdmissionClient client, Buffers buffers, ArrivalRecorder recorder, JobDesk jobs, TimeProvider time,
        ILogger<BackendTable> logger, ClusterStart? cluster = null)
    {
        _section = section.Section;
        _client = client;
        _buffers = buffers;
        _recorder = recorder;
        _jobs = jobs;
        _logger = logger;
        _time = time;
        _madeAt = time.GetTimestamp();
        _cluster = cluster;
        _stopping = _stopped.Token;
        _timer = time.CreateTimer(static table => ((BackendTable)table!).Follow(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>The settings in force.</summary>
    public AdmissionSettings Settings { get; private set; } = new();

    /// <summary>All backends.</summary>
    public ICollection<Backend> All => _applied.Backends.Values;

    /// <summary>What the settings in force say about a cluster.</summary>
    /// <param name="clusterId">The cluster.</param>
    /// <param name="backend">The cluster's backend; null for a cluster without a policy.</param>
    /// <returns>False for a cluster that they do not know, or not yet.</returns>
    public bool TryGet(string clusterId, out Backend? backend)
    {
        var applied = _applied;
        return applied.Backends.TryGetValue(clusterId, out backend) || applied.Unprotected.Contains(clusterId);
    }

    /// <summary>What the whole gateway still waits for; null if nothing.</summary>
    public string? Waiting => _cluster is null ? null : _cluster.Missing ?? (_started ? null : "the policies are not in force yet");

    public Task StartAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            var errors = new List<string>();
            Settings = Read(errors);
            if (errors.Count > 0)
            {
                throw new AdmissionConfigurationException(errors);
            }
        }

        LogEngine(EngineInfo.Current);
        if (_cluster is { Running.IsCompletedSuccessfully: false })
        {
            // The client cannot be asked for anything before it has found a silo. Until then no cluster is known here, and every request is refused.
            _ = StartWhenJoinedAsync(_cluster.Running);
        }
        else
        {
            Start();
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _subscription?.Dispose();
        _timer.Dispose();
        return _stopped.CancelAsync();
    }

    public void Dispose()
    {
        _subscription?.Dispose();
        _timer.Dispose();
        if (!_disposed)
        {
            // The container disposes of it once for each service that it is.
            _disposed = true;
            _stopped.Cancel();
            _stopped.Dispose();
        }
    }

    public void ConfigurationApplied(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
        lock (_gate)
        {
            _clusters = [.. proxyConfigs.SelectMany(config => config.Clusters ?? [])];
            _routes = [.. proxyConfigs.SelectMany(config => config.Routes ?? [])];
        }

        FollowSoon();
    }

    public void ConfigurationLoaded(IReadOnlyList<IProxyConfig> proxyConfigs)
    {
    }

    public void ConfigurationLoadingFailed(IProxyConfigProvider configProvider, Exception exception)
    {
    }

    public void ConfigurationApplyingFailed(IReadOnlyList<IProxyConfig> proxyConfigs, Exception exception)
    {
    }

    private void Start()
    {
        lock (_gate)
        {
            if (_stopping.IsCancellationRequested)
            {
                return;
            }

            // Settings may have changed while the cluster was waited for. A wrong change is refused as it is later on.
            var errors = new List<string>();
            var settings = Read(errors);
            Apply(errors.Count == 0 ? settings : Settings);
            _started = true;
            _subscription = ChangeToken.OnChange(_section.GetReloadToken, FollowSoon);
        }
    }

    private async Task StartWhenJoinedAsync(Task joined)
    {
        await joined.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!joined.IsCompletedSuccessfully)
        {
            return;
        }

        try
        {
            Start();
        }
        catch (Exception unexpected)
        {
            // A bug. The gateway stays "not ready", and every request is refused.
            LogFollowFailed(unexpected);
        }
    }

    private void FollowSoon() => _timer.Change(Quiet, Timeout.InfiniteTimeSpan);

    // A timer's callback: an exception that escaped would end the process.
    private void Follow()
    {
        lock (_gate)
        {
            if (!_started)
            {
                return;
            }

            try
            {
                var errors = new List<string>();
                var settings = Read(errors);
                if (errors.Count > 0)
                {
                    LogRefused(AdmissionConfigurationException.Count(errors), AdmissionConfigurationException.Lines(errors));
                    return;
                }

                Apply(settings);
            }
            catch (Exception unexpected)
            {
                LogFollowFailed(unexpected);
            }
        }
    }

    private AdmissionSettings Read(List<string> errors)
    {
        foreach (var route in _routes)
        {
            RouteSettings.Check(route, errors);
        }

        var settings = SettingsReader.Read(_section, _clusters, _cluster is not null, errors);
        RouteRules.Check(_routes, settings, _section.Path, errors);
        return settings;
    }

    private void Apply(AdmissionSettings settings)
    {
        Settings = settings;
        _buffers.Configure(settings.BufferMemory, settings.BufferDisk);
        _recorder.Configure(settings.Recorder);
        var old = _applied.Backends;
        var changed = new List<Backend>();
        var table = new Dictionary<string, Backend>(StringComparer.OrdinalIgnoreCase);
        var notKnown = NotKnown(settings);
        foreach (var (id, wanted) in settings.Backends)
        {
            if (notKnown.ContainsKey(id))
            {
                Keep(old, id, table);
                continue;
            }

            BackendSettings? before = null;
            if (!old.TryGetValue(id, out var backend))
            {
                backend = new Backend(wanted);
            }
            else
            {
                before = backend.Settings;
                Enforce(backend, wanted);
            }

            if (wanted.IsEnforced && (before is not { IsEnforced: true } || !wanted.Policy.Matches(before.Policy)))
            {
                changed.Add(backend);
            }

            FollowShadow(backend, before, wanted);
            table.Add(id, backend);
        }

        // No job of a backend whose destinations nobody knows is taken up: every attempt would be refused.
        _jobs.Configure(table.Values.Select(static backend => backend.Settings));

        // The client first: a request that finds its backend here must find it there.
        foreach (var backend in changed)
        {
            _ = DeliverAsync(backend, backend.Settings.Policy);
        }

        var unprotected = _clusters.Select(cluster => cluster.ClusterId).Where(id => !settings.Backends.ContainsKey(id)).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        _applied = new Applied(table.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), unprotected, notKnown);
        foreach (var (id, backend) in old.Where(entry => !table.ContainsKey(entry.Key)))
        {
            backend.Removed = true;
            _client.Remove(id);
            _client.RemoveShadow(id);
            LogRemoved(id);
        }

        foreach (var id in unprotected.Where(_warned.Add))
        {
            LogUnprotected(id);
        }
    }

    /// <remarks>
    /// The client goes on delivering by itself while the ledger cannot be reached; asking again is to know when it has, and to get over an exception.
    /// A newer policy has a delivery of its own.
    /// </remarks>
    private async Task DeliverAsync(Backend backend, BackendPolicy policy)
    {
        for (var pause = ShortestPause; ; pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, LongestPause.Ticks)))
        {
            try
            {
                Task<PolicyAnswer> configured;
                lock (_gate)
                {
                    // Under the lock, so that a backend that is removed meanwhile does not come back.
                    if (_stopping.IsCancellationRequested || backend.Removed || !backend.Settings.IsEnforced || !policy.Matches(backend.Settings.Policy))
                    {
                        return;
                    }

                    configured = _client.ConfigureAsync(backend.Id, policy, _stopping);
                }

                if (IsSettled(backend, policy, await configured))
                {
                    return;
                }
            }
            catch (Exception unexpected) when (!_stopping.IsCancellationRequested)
            {
                LogPolicyFailed(unexpected, backend.Id, pause);
            }
            catch (Exception)
            {
                return;
            }

            await Task.Delay(pause, _time, _stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private bool IsSettled(Backend backend, BackendPolicy policy, PolicyAnswer answer)
    {
        if (answer.Errors.Length > 0)
        {
            LogPolicyRefused(backend.Id, string.Join("; ", answer.Errors));
            return true;
        }

        if (answer.Version == 0)
        {
            return false;
        }

        backend.Delivered = true;
        LogPolicyInForce(backend.Id, policy.TotalLimit, policy.TotalLimit == 1 ? "request" : "requests", answer.Version);
        if (backend.Settings.LimitRule is { } rule)
        {
            LogLimitRule(backend.Id, rule);
        }

        return true;
    }

    /// <summary>What the last applied settings made of the clusters; replaced as a whole.</summary>
    /// <param name="Backends">Those with a policy.</param>
    /// <param name="Unprotected">Those without.</param>
    /// <param name="NotKnown">Those whose destinations nobody knows yet, and the name that DNS has not answered for.</param>
    private sealed record Applied(FrozenDictionary<string, Backend> Backends, FrozenSet<string> Unprotected, FrozenDictionary<string, string> NotKnown)
    {
        public static Applied Nothing { get; } = new(FrozenDictionary<string, Backend>.Empty, FrozenSet<string>.Empty, FrozenDictionary<string, string>.Empty);
    }
}
