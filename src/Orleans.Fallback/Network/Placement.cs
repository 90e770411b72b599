using System.Collections.Concurrent;
using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <summary>Where grains live, by the newest view of the cluster.</summary>
internal sealed class Placement(IClusterMembership membership, LocalProcess self)
{
    /// <summary>Owners that are remembered for one view, at most; others are computed each time.</summary>
    private const int MaxRemembered = 50_000;

    private volatile Owners _owners = new(ClusterView.Empty, without: null);
    private volatile bool _leaving;

    public ClusterView View => membership.Current;

    /// <summary>Whether this silo takes no grains any more, whatever the view says.</summary>
    public bool Leaving => _leaving;

    /// <summary>This silo takes no grains any more.</summary>
    public void Leave() => _leaving = true;

    /// <summary>The silo that owns a grain; null when no silo is active.</summary>
    public SiloAddress? OwnerOf(GrainId grain)
    {
        var view = membership.Current;
        var without = _leaving ? self.Silo : null;
        var owners = _owners;
        if (!ReferenceEquals(owners.View, view) || !Equals(owners.Without, without))
        {
            // Of two threads that come here at once the one that knows less may write last; then the next call finds that out.
            _owners = owners = new(view, without);
        }

        return owners.Of(grain);
    }

    /// <summary>Whether this silo owns a grain.</summary>
    public bool IsMine(GrainId grain) => OwnerOf(grain) is { } owner && owner.Equals(self.Silo);

    private sealed class Owners(ClusterView view, SiloAddress? without)
    {
        private readonly ConcurrentDictionary<GrainId, SiloAddress> _known = new();
        private readonly ClusterView _effective = without is null
            ? view
            : new(view.Version, [.. view.Members.Where(member => !member.Address.Equals(without))]);

        public ClusterView View => view;

        /// <summary>The silo that takes no grains, whatever the view says.</summary>
        public SiloAddress? Without => without;

        public SiloAddress? Of(GrainId grain)
        {
            if (_effective.Active.Count < 2)
            {
                return _effective.Active is [var only] ? only.Address : null;
            }

            if (_known.TryGetValue(grain, out var known))
            {
                return known;
            }

            var owner = _effective.OwnerOf(grain)!;
            if (_known.Count < MaxRemembered)
            {
                _known[grain] = owner;
            }

            return owner;
        }
    }
}
