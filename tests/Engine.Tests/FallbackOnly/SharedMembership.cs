using System.Collections.Immutable;
using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Admission.Engine.Tests.FallbackOnly;

/// <summary>A membership table in memory, for the silos and clients of one test.</summary>
internal sealed class SharedTable
{
    private readonly Lock _gate = new();
    private readonly List<SharedMembership> _readers = [];

    public ClusterView View { get; private set; } = new(0, []);

    public void Set(ClusterMember member)
    {
        List<SharedMembership> readers;
        lock (_gate)
        {
            View = new(View.Version + 1, [.. View.Members.Where(other => !other.Address.Equals(member.Address)), member]);
            readers = [.. _readers];
        }

        foreach (var reader in readers.Where(reader => !reader.Stale))
        {
            reader.Look();
        }
    }

    public void Add(SharedMembership reader)
    {
        lock (_gate)
        {
            _readers.Add(reader);
        }
    }
}

/// <summary>What one process sees of a <see cref="SharedTable"/>: everything at once, or, when it is stale, only when it looks.</summary>
internal sealed class SharedMembership : IClusterMembership, IMembershipAgent
{
    private readonly SharedTable _table;
    private readonly LocalSilo? _silo;
    private readonly Lock _gate = new();
    private ImmutableArray<Action<ClusterView>> _handlers = [];
    private volatile ClusterView _current = ClusterView.Empty;

    public SharedMembership(SharedTable table, LocalSilo? silo)
    {
        (_table, _silo) = (table, silo);
        table.Add(this);
    }

    public ClusterView Current => _current;

    public TimeSpan TableAge { get; set; } = TimeSpan.FromSeconds(1);

    public CancellationToken Failed => CancellationToken.None;

    /// <summary>Whether it looks only when it is asked to.</summary>
    public bool Stale { get; set; }

    /// <summary>Whether it does not even look then.</summary>
    public bool Blind { get; set; }

    public int Looks { get; private set; }

    public void OnChange(Action<ClusterView> handler)
    {
        lock (_gate)
        {
            _handlers = _handlers.Add(handler);
        }
    }

    public Task RefreshAsync()
    {
        Looks++;
        if (!Blind)
        {
            Look();
        }

        return Task.CompletedTask;
    }

    public void Look()
    {
        ImmutableArray<Action<ClusterView>> handlers;
        lock (_gate)
        {
            if (_table.View.Version <= _current.Version)
            {
                return;
            }

            _current = _table.View;
            handlers = _handlers;
        }

        foreach (var handler in handlers)
        {
            handler(_current);
        }
    }

    public Task JoinAsync(CancellationToken cancellation)
    {
        Look();
        return Become(SiloStatus.Joining);
    }

    public Task BecomeActiveAsync(CancellationToken cancellation) => Become(SiloStatus.Active);

    public Task BeginShutdownAsync(CancellationToken cancellation) => Become(SiloStatus.ShuttingDown);

    public Task EndAsync(CancellationToken cancellation) => Become(SiloStatus.Dead);

    private Task Become(SiloStatus status)
    {
        if (_silo is not null)
        {
            _table.Set(new ClusterMember(_silo.Address, status, _silo.Name, _silo.GatewayPort));
        }

        return Task.CompletedTask;
    }
}
