using System.Collections.Concurrent;
using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <summary>Where grains live, by the newest view of the cluster.</summary>
internal sealed class Placement(IClusterMembership membership, LocalProcess self)
{
    /// <summary>Owners that are remembered for one view, at most; others are computed each time.</summary>
    private const int MaxRemembered = 50_000;

    private volatile Owners _owners = new(ClusterView.Empty, ClusterView.Empty);
    private volatile bool _leaving;

    public ClusterView View => membership.Current;

    /// <summary>Whether this silo takes no grains any more, whatever the view says.</summary>
    public bool Leaving => _leaving;

    /// <summary>This silo takes no grains any more.</summary>
    public void Leave()
    {
        _leaving = true;
        _owners = new(ClusterView.Empty, ClusterView.Empty);
    }

    /// <summary>The silo that owns a grain; null when no silo is active.</summary>
    public SiloAddress? OwnerOf(GrainId grain)
    {
        var view = membership.Current;
        var owners = _owners;
        if (!ReferenceEquals(owners.View, view))
        {
            owners = new(view, _leaving ? Without(view, self.Silo) : view);
            _owners = owners;
        }

        return owners.Of(grain);
    }

    /// <summary>Whether this silo owns a grain.</summary>
    public bool IsMine(GrainId grain) => OwnerOf(grain) is { } owner && owner.Equals(self.Silo);

    private static ClusterView Without(ClusterView view, SiloAddress? silo) =>
        new(view.Version, [.. view.Members.Where(member => !member.Address.Equals(silo))]);

    private sealed class Owners(ClusterView view, ClusterView effective)
    {
        private readonly ConcurrentDictionary<GrainId, SiloAddress> _known = new();
        private readonly SiloAddress? _only = effective.Active.Count == 1 ? effective.Active[0].Address : null;

        public ClusterView View => view;

        public SiloAddress? Of(GrainId grain)
        {
            if (_only is not null || effective.Active.Count == 0)
            {
                return _only;
            }

            if (_known.TryGetValue(grain, out var known))
            {
                return known;
            }

            var owner = effective.OwnerOf(grain)!;
            if (_known.Count < MaxRemembered)
            {
                _known[grain] = owner;
            }

            return owner;
        }
    }
}
