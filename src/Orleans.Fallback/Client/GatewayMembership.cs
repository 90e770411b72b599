using System.Collections.Immutable;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Fallback.Membership;
using Orleans.Fallback.Network;
using Orleans.Fallback.Serialization;
using Orleans.Runtime;

namespace Orleans.Fallback.Client;

/// <summary>A client's view of a cluster without a table: the gateways that it was told, as long as they answer.</summary>
internal sealed partial class GatewayMembership(
    StaticGateways gateways,
    Dialer dialer,
    MessageSerializer serializer,
    LocalProcess self,
    IOptions<ClusterOptions> cluster,
    TimeProvider time,
    ILogger<GatewayMembership> log) : IClusterMembership, IMembershipAgent, IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private ImmutableArray<Action<ClusterView>> _handlers = [];
    private volatile ClusterView _current = ClusterView.Empty;
    private volatile Exception? _lastFailure;
    private Task? _look;
    private bool _retrying;

    public ClusterView Current => _current;

    public TimeSpan TableAge => TimeSpan.Zero;

    public CancellationToken Failed => CancellationToken.None;

    /// <summary>Why the last gateway that did not answer did not.</summary>
    public Exception? LastFailure => _lastFailure;

    public void OnChange(Action<ClusterView> handler)
    {
        lock (_gate)
        {
            _handlers = _handlers.Add(handler);
        }
    }

    /// <summary>Asks the gateways now. Calls that come meanwhile share one look.</summary>
    public Task RefreshAsync()
    {
        lock (_gate)
        {
            return _look is { IsCompleted: false } look ? look : _look = LookAsync();
        }
    }

    public Task JoinAsync(CancellationToken cancellation) => RefreshAsync();

    public Task BecomeActiveAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task BeginShutdownAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task EndAsync(CancellationToken cancellation) => _stop.CancelAsync();

    public void Dispose() => _stop.Cancel();

    private async Task LookAsync()
    {
        await Task.Yield();
        var found = await Task.WhenAll(gateways.Endpoints.Select(AskAsync));
        var members = found.OfType<ClusterMember>().ToImmutableArray();
        Set(members);
        if (members.Length < gateways.Endpoints.Count)
        {
            LookAgain();
        }
    }

    private void Set(ImmutableArray<ClusterMember> members)
    {
        ClusterView view;
        ImmutableArray<Action<ClusterView>> handlers;
        lock (_gate)
        {
            if (_current.Members.SequenceEqual(members))
            {
                return;
            }

            _current = view = new ClusterView(_current.Version + 1, members);
            handlers = _handlers;
        }

        foreach (var handler in handlers)
        {
            handler(view);
        }
    }

    /// <summary>Goes on asking until every gateway has answered, with growing pauses.</summary>
    private void LookAgain()
    {
        lock (_gate)
        {
            if (_retrying || _stop.IsCancellationRequested)
            {
                return;
            }

            _retrying = true;
        }

        _ = RetryAsync();
    }

    private async Task RetryAsync()
    {
        var pause = NetworkLimits.MinBackOff;
        try
        {
            while (_current.Members.Length < gateways.Endpoints.Count)
            {
                await Task.Delay(pause, time, _stop.Token);
                pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, NetworkLimits.MaxBackOff.Ticks));
                await RefreshAsync();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        finally
        {
            lock (_gate)
            {
                _retrying = false;
            }
        }
    }

    private async Task<ClusterMember?> AskAsync(IPEndPoint gateway)
    {
        try
        {
            using var limit = new CancellationTokenSource(NetworkLimits.HandshakeTime, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token);
            Peer? peer = null;
            await dialer.RunAsync(
                gateway,
                async (connection, _) => peer = await Handshake.OpenAsync(
                    connection, serializer, new Hello { Cluster = cluster.Value.ClusterId, Client = self.Client }),
                both.Token);
            return new ClusterMember(peer!.Silo!, SiloStatus.Active, gateway.ToString(), gateway.Port);
        }
        catch (Exception exception)
        {
            _lastFailure = exception;
            LogNoAnswer(gateway, exception.Message);
            return null;
        }
    }

    [LoggerMessage(9281, LogLevel.Information, "There is no answer of the gateway {Endpoint}: {Cause}")]
    private partial void LogNoAnswer(IPEndPoint endpoint, string cause);
}
