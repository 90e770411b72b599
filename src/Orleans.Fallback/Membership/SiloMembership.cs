using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Fallback.Engine;
using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>A silo's part in a cluster whose silos share a table.</summary>
/// <remarks>
/// <para>The protocol is that of Orleans ("Cluster management" in its documentation): silos probe each other, suspicions and statuses are conditional writes to the table, and a
/// silo that the table calls dead is dead for all, also for itself.</para>
/// <para>Such a silo stops at once: its gate closes, <see cref="Failed"/> is cancelled, its process ends. It hands nothing over, because its grains are
/// others' by now.</para>
/// </remarks>
internal sealed partial class SiloMembership : IClusterMembership, IMembershipAgent, IDisposable
{
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(5);

    private readonly LocalSilo _local;
    private readonly ClusterMembershipOptions _options;
    private readonly SiloGate _gate;
    private readonly SiloExit _exit;
    private readonly TimeProvider _time;
    private readonly ILogger _log;
    private readonly TableReader _reader;
    private readonly StatusWriter _writer;
    private readonly Joining _joining;
    private readonly TableUpkeep _upkeep;
    private readonly FailureDetector _detector;
    private readonly IsolationWatch _isolation;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _failed = new();
    private readonly List<Task> _loops = [];
    private int _left;
    private volatile bool _isIn;

    public SiloMembership(
        LocalSilo local, IMemberTable table, Lazy<ISiloProbe> probe, IOptions<ClusterMembershipOptions> options, SiloGate gate, SiloExit exit,
        TimeProvider time, ILogger<SiloMembership> log)
    {
        (_local, _options, _gate, _exit, _time, _log) = (local, options.Value, gate, exit, time, log);
        var heartbeats = new Heartbeats(
            _options.NumMissedTableIAmAliveLimit * _options.IAmAliveTablePublishTimeout, 1.5 * _options.IAmAliveTablePublishTimeout, time);
        _reader = new TableReader(table, time, log);
        _writer = new StatusWriter(local, table, _reader, probe, time);
        _joining = new Joining(local, table, _reader, _writer, probe, _options, time, log);
        _upkeep = new TableUpkeep(local, table, _reader, _options, time);
        _detector = new FailureDetector(
            local, _reader, new Suspicion(local, _writer, _reader, heartbeats, _options, time, log), probe, _options, time, log);
        _isolation = new IsolationWatch(local, _reader, probe, _options, time, log);
        _reader.OnLook(heartbeats.See);
        _reader.OnLook(LookForOurselves);
    }

    public ClusterView Current => _reader.Current;

    public TimeSpan TableAge => _reader.TableAge;

    public CancellationToken Failed => _failed.Token;

    public void OnChange(Action<ClusterView> handler) => _reader.OnChange(handler);

    public Task RefreshAsync() => _reader.LookAsync();

    public async Task JoinAsync(CancellationToken cancellation)
    {
        using var bound = new CancellationTokenSource(_options.MaxJoinAttemptTime, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellation);
        try
        {
            await _joining.EnterAsync(linked.Token);
            _isIn = true;
            Run(_upkeep.BeatAsync);
            Run(_upkeep.RefreshAsync);
            await _joining.ReachOthersAsync(linked.Token);
        }
        catch (Exception exception)
        {
            await EndAsync(CancellationToken.None);
            if (exception is OperationCanceledException && !cancellation.IsCancellationRequested)
            {
                throw new OrleansException(
                    $"Silo {_local.Address} could not join the cluster within {nameof(ClusterMembershipOptions)}."
                    + $"{nameof(_options.MaxJoinAttemptTime)}, which is {_options.MaxJoinAttemptTime}. The log says why.",
                    exception);
            }

            throw;
        }
    }

    public async Task BecomeActiveAsync(CancellationToken cancellation)
    {
        using var bound = new CancellationTokenSource(_options.MaxJoinAttemptTime, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellation);
        MemberRow? row = null;
        await _joining.RetryAsync(async () => row = await BecomeAsync(SiloStatus.Active, linked.Token), linked.Token);
        if (row is null)
        {
            throw new OrleansException($"Silo {_local.Address} cannot become active: the others have declared it dead while it joined.");
        }

        Run(_detector.RunAsync);
        Run(_upkeep.CleanAsync);
        Run(async stopping => Leave(await _isolation.RunAsync(stopping)));
        LogActive(_local.Address, string.Join(", ", Current.Active.Select(member => member.Address)));
    }

    public Task BeginShutdownAsync(CancellationToken cancellation) =>
        LastWordAsync(cancellation.IsCancellationRequested ? SiloStatus.Stopping : SiloStatus.ShuttingDown, cancellation);

    public async Task EndAsync(CancellationToken cancellation)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll(_loops);
        await LastWordAsync(SiloStatus.Dead, cancellation);
        _isIn = false;
        await _reader.StopAsync();
    }

    public void Dispose()
    {
        // Where the host ends without having stopped the silo. The container calls it once for each name of this service.
        _stopping.Cancel();
        _ = _reader.StopAsync();
    }

    private Task<MemberRow?> BecomeAsync(SiloStatus status, CancellationToken cancellation) =>
        _writer.ChangeAsync(
            _local.Address,
            (row, _) => row.Status == SiloStatus.Dead ? null : row with { Status = status, IAmAliveTime = _time.GetUtcNow().UtcDateTime },
            cancellation);

    // The silo ends whether or not the table can be told; then the others find out by themselves.
    private async Task LastWordAsync(SiloStatus status, CancellationToken cancellation)
    {
        if (!_isIn || _failed.IsCancellationRequested)
        {
            return;
        }

        using var bound = new CancellationTokenSource(StopBound, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellation);
        try
        {
            _ = await BecomeAsync(status, status == SiloStatus.Dead ? bound.Token : linked.Token);
        }
        catch (Exception exception)
        {
            LogCannotTell(status, exception.GetBaseException().Message);
        }
    }

    private void LookForOurselves(TableSnapshot snapshot)
    {
        if (!_isIn || _stopping.IsCancellationRequested)
        {
            return;
        }

        var own = snapshot.Find(_local.Address);
        if (own is null)
        {
            Leave("its row is gone from the membership table");
        }
        else if (own.Status == SiloStatus.Dead)
        {
            Leave($"the membership table calls it dead, by the votes of {string.Join(", ", own.Votes.Select(vote => vote.Voter))}");
        }
    }

    private void Leave(string why)
    {
        if (Interlocked.Exchange(ref _left, 1) != 0)
        {
            return;
        }

        LogLeaves(_local.Address, why);
        _gate.Refusal = $"The silo {_local.Address} has left the cluster: {why}";
        _failed.Cancel();
        _ = _stopping.CancelAsync();
        _exit.Leave();
    }

    private void Run(Func<CancellationToken, Task> loop) => _loops.Add(Task.Run(async () =>
    {
        try
        {
            await loop(_stopping.Token);
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            // As intended: cancelled, or with what the table threw just then. It is no broken protocol, or the table would not be told of a planned stop.
        }
        catch (Exception exception)
        {
            LogBroken(exception);
            Leave($"its part in the membership protocol is broken: {exception.Message}");
        }
    }));

    [LoggerMessage(9351, LogLevel.Information, "Silo {Silo} is active. Active silos: {Silos}")]
    private partial void LogActive(SiloAddress silo, string silos);

    [LoggerMessage(9352, LogLevel.Critical, "Silo {Silo} leaves the cluster and ends its process: {Reason}")]
    private partial void LogLeaves(SiloAddress silo, string reason);

    [LoggerMessage(9353, LogLevel.Warning, "The membership table could not be told that this silo is {Status}: {Reason}. The others will find out")]
    private partial void LogCannotTell(SiloStatus status, string reason);

    [LoggerMessage(9354, LogLevel.Critical, "The membership protocol failed")]
    private partial void LogBroken(Exception exception);
}
