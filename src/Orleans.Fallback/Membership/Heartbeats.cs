using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>
/// Which silos go on with their heartbeats, as this one sees them: since when a heartbeat has not changed, by this silo's monotonic clock. No two clocks are compared.
/// </summary>
/// <remarks>
/// Only time in which this silo looked at the table counts. While the table is away nobody's heartbeat changes, so a pause between two looks
/// that is longer than it is meant to be stops the clock; otherwise every silo would seem to stand still at the moment in which the table
/// is back, and one alone could declare another dead.
/// </remarks>
/// <param name="limit">How long a heartbeat may stand still.</param>
/// <param name="pause">The longest pause between two looks at a table that can be reached.</param>
/// <param name="time">The clock.</param>
internal sealed class Heartbeats(TimeSpan limit, TimeSpan pause, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SiloAddress, (DateTime Written, TimeSpan Seen)> _last = [];
    private TimeSpan _watched;
    private long? _look;

    /// <summary>Takes what the table shows.</summary>
    public void See(TableSnapshot snapshot)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            var passed = _look is { } look ? time.GetElapsedTime(look, now) : TimeSpan.Zero;
            _look = now;
            _watched += passed <= pause ? passed : TimeSpan.Zero;
            foreach (var gone in _last.Keys.Where(silo => snapshot.Find(silo) is null).ToList())
            {
                _ = _last.Remove(gone);
            }

            foreach (var row in snapshot.Rows)
            {
                if (!_last.TryGetValue(row.Address, out var last) || last.Written != row.IAmAliveTime)
                {
                    _last[row.Address] = (row.IAmAliveTime, _watched);
                }
            }
        }
    }

    /// <summary>Whether a silo's heartbeat has stood still for longer than the limit.</summary>
    public bool IsStale(SiloAddress silo)
    {
        lock (_gate)
        {
            return _last.TryGetValue(silo, out var last) && _watched - last.Seen > limit;
        }
    }
}
