using Orleans.Runtime;

namespace Orleans.Fallback.Membership;

/// <summary>
/// Which silos go on with their heartbeats, as this one sees them: since when a heartbeat has not changed, by this silo's monotonic clock. No two clocks are compared.
/// </summary>
internal sealed class Heartbeats(TimeSpan limit, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<SiloAddress, (DateTime Written, long Seen)> _last = [];

    /// <summary>Takes what the table shows.</summary>
    public void See(TableSnapshot snapshot)
    {
        var now = time.GetTimestamp();
        lock (_gate)
        {
            foreach (var gone in _last.Keys.Where(silo => snapshot.Find(silo) is null).ToList())
            {
                _ = _last.Remove(gone);
            }

            foreach (var row in snapshot.Rows)
            {
                if (!_last.TryGetValue(row.Address, out var last) || last.Written != row.IAmAliveTime)
                {
                    _last[row.Address] = (row.IAmAliveTime, now);
                }
            }
        }
    }

    /// <summary>Whether a silo's heartbeat has stood still for longer than the limit.</summary>
    public bool IsStale(SiloAddress silo)
    {
        lock (_gate)
        {
            return _last.TryGetValue(silo, out var last) && time.GetElapsedTime(last.Seen) > limit;
        }
    }
}
