using System.Numerics;

namespace Admission.Capacity;

/// <summary>
/// The permits of one life, by destination. Idle ones are taken round-robin over the destinations, found by a bitmap of those that
/// have any. Guarded by the pool's lock, but for what comes back without it (<c>.Slots</c>).
/// </summary>
internal sealed partial class PoolPermits
{
    private readonly List<PoolDestination> _destinations = [];
    private readonly Dictionary<string, PoolDestination> _byName = [];
    private ulong[] _withIdle = new ulong[1];
    private volatile string[] _names = [];
    private int _next;

    public IReadOnlyList<PoolDestination> Destinations => _destinations;

    public int Idle { get; private set; }

    public int InUse { get; private set; }

    /// <summary>Idle permits that are left alone for a while.</summary>
    public int Parked { get; private set; }

    public int Held => Idle + InUse + Parked;

    /// <summary>Requests that were admitted in this life.</summary>
    public long Admitted { get; private set; }

    /// <summary>Permits that came back in this life.</summary>
    public long Completed { get; private set; }

    public PoolDestination Find(string name)
    {
        if (_byName.TryGetValue(name, out var destination))
        {
            return destination;
        }

        destination = new PoolDestination(name, _destinations.Count);
        _destinations.Add(destination);
        _byName.Add(name, destination);
        _names = [.. _names, name];
        if (_withIdle.Length * 64 < _destinations.Count)
        {
            Array.Resize(ref _withIdle, _withIdle.Length * 2);
        }

        return destination;
    }

    /// <summary>The name of the destination with a number. Needs no lock: what has a number keeps its name.</summary>
    public string NameOf(int index) => _names[index];

    /// <summary>Puts idle permits of one destination to use; null when none has so many.</summary>
    public PoolDestination? TryUse(int weight)
    {
        if (Idle < weight)
        {
            return null;
        }

        var destination = _destinations.Count == 1 ? _destinations[0] : NextWithIdle(weight);
        if (destination is null || destination.Idle < weight)
        {
            return null;
        }

        AddIdle(destination, -weight);
        AddInUse(destination, weight);
        return destination;
    }

    /// <summary>Books the permits of a request that is admitted.</summary>
    public void AddInUse(PoolDestination destination, int permits)
    {
        Admitted++;
        destination.InUse += permits;
        InUse += permits;
    }

    /// <summary>A request has ended: its permits are idle.</summary>
    public void Release(PoolDestination destination, int weight)
    {
        Completed += weight;
        destination.InUse -= weight;
        InUse -= weight;
        AddIdle(destination, weight);
    }

    /// <summary>Permits in use are the pool's no more: a lease has them.</summary>
    public void HandOver(PoolDestination destination, int permits)
    {
        destination.InUse -= permits;
        InUse -= permits;
    }

    /// <summary>Adds idle permits, or takes them away.</summary>
    public void AddIdle(PoolDestination destination, int permits)
    {
        var had = destination.Idle > 0;
        destination.Idle += permits;
        Idle += permits;
        if (had != destination.Idle > 0)
        {
            _withIdle[destination.Index >> 6] ^= 1UL << (destination.Index & 63);
        }
    }

    /// <summary>Leaves the idle permits of a destination alone.</summary>
    public void Park(PoolDestination destination)
    {
        destination.Parked += destination.Idle;
        Parked += destination.Idle;
        AddIdle(destination, -destination.Idle);
    }

    /// <summary>Uses them again.</summary>
    public void Unpark(PoolDestination destination)
    {
        Parked -= destination.Parked;
        AddIdle(destination, destination.Parked);
        destination.Parked = 0;
    }

    /// <summary>Gives up to <paramref name="count"/> idle permits away, those of the best-supplied destinations first.</summary>
    public void GiveBack(int count)
    {
        while (count > 0)
        {
            PoolDestination? richest = null;
            var second = 0;
            foreach (var destination in _destinations)
            {
                if (destination.IdleTrial != 0)
                {
                    // It waits for its request.
                }
                else if (richest is null || destination.Idle > richest.Idle)
                {
                    second = richest?.Idle ?? 0;
                    richest = destination;
                }
                else if (destination.Idle > second)
                {
                    second = destination.Idle;
                }
            }

            if (richest is not { Idle: > 0 })
            {
                return;
            }

            var given = Math.Min(count, Math.Max(1, richest.Idle - second));
            AddIdle(richest, -given);
            count -= given;
        }
    }

    private PoolDestination? NextWithIdle(int weight)
    {
        var words = _withIdle.Length;
        var word = _next >> 6;
        var candidates = _withIdle[word] & (ulong.MaxValue << (_next & 63));
        for (var visited = 0; visited <= words; visited++)
        {
            while (candidates != 0)
            {
                var destination = _destinations[(word << 6) + BitOperations.TrailingZeroCount(candidates)];
                if (destination.Idle >= weight)
                {
                    _next = destination.Index + 1 == _destinations.Count ? 0 : destination.Index + 1;
                    return destination;
                }

                candidates &= candidates - 1;
            }

            word = word + 1 == words ? 0 : word + 1;
            candidates = _withIdle[word];
        }

        return null;
    }
}
