namespace Admission.EndToEnd.Cluster.Records;

/// <summary>A change of a backend's limit.</summary>
/// <param name="Limit">The new limit.</param>
/// <param name="Asked">When the configuration was written.</param>
/// <param name="InForce">When the ledger said that it has the limit and that no more permits are booked; until then an older, higher limit may hold.</param>
internal sealed record LimitChange(int Limit, long Asked, long InForce);

/// <summary>Which limits may have been in force when. The changes follow one another: one is asked for when the one before is in force, or later.</summary>
internal sealed class LimitTimeline(int initial)
{
    private readonly List<LimitChange> _changes = [new(initial, long.MinValue, long.MinValue)];

    /// <summary>The limit that was asked for last.</summary>
    public int Current => _changes[^1].Limit;

    /// <summary>A change has been asked for. A raised limit may be in force from here on.</summary>
    public void Ask(int limit, long time) => _changes.Add(new(limit, time, long.MaxValue));

    /// <summary>The change that was asked for last is in force. A lowered limit holds from here on.</summary>
    public void Acknowledge(long time) => _changes[^1] = _changes[^1] with { InForce = time };

    /// <summary>The highest limit that may have been in force.</summary>
    public int MostAt(long time) => At(time).Max(change => change.Limit);

    /// <summary>The lowest limit that may have been in force.</summary>
    public int LeastAt(long time) => At(time).Min(change => change.Limit);

    private IEnumerable<LimitChange> At(long time) =>
        _changes.Where((change, index) => change.Asked <= time && (index + 1 == _changes.Count || time < _changes[index + 1].InForce));
}
