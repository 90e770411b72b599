using System.Collections.Immutable;
using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>The membership of a silo that is alone, without a table (<c>UseLocalhostClustering</c>).</summary>
internal sealed class LocalMembership(LocalSilo silo) : IClusterMembership, IMembershipAgent
{
    private readonly Lock _gate = new();
    private ImmutableArray<Action<ClusterView>> _handlers = [];
    private volatile ClusterView _current = ClusterView.Empty;

    public ClusterView Current => _current;

    public TimeSpan TableAge => TimeSpan.Zero;

    public CancellationToken Failed => CancellationToken.None;

    public void OnChange(Action<ClusterView> handler)
    {
        lock (_gate)
        {
            _handlers = _handlers.Add(handler);
        }
    }

    public Task RefreshAsync() => Task.CompletedTask;

    public Task JoinAsync(CancellationToken cancellation) => Become(SiloStatus.Joining);

    public Task BecomeActiveAsync(CancellationToken cancellation) => Become(SiloStatus.Active);

    public Task BeginShutdownAsync(CancellationToken cancellation) => Become(SiloStatus.ShuttingDown);

    public Task EndAsync(CancellationToken cancellation) => Become(SiloStatus.Dead);

    private Task Become(SiloStatus status)
    {
        ImmutableArray<Action<ClusterView>> handlers;
        ClusterView view;
        lock (_gate)
        {
            view = new ClusterView(_current.Version + 1, [new ClusterMember(silo.Address, status, silo.Name, silo.GatewayPort)]);
            _current = view;
            handlers = _handlers;
        }

        foreach (var handler in handlers)
        {
            handler(view);
        }

        return Task.CompletedTask;
    }
}
