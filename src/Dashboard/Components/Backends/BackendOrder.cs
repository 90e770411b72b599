using Admission.Dashboard.Feed;

namespace Admission.Dashboard.Components.Backends;

/// <summary>The order of the overview: the largest first, names from A; the other way round when the same is chosen again. Equal ones stand by their names, so that they keep their places.</summary>
public sealed class BackendOrder
{
    /// <summary>What is sorted by.</summary>
    public BackendSort By { get; private set; }

    /// <summary>The other way round.</summary>
    public bool IsReversed { get; private set; }

    /// <summary>The word of a column.</summary>
    /// <param name="key">The column.</param>
    public static string NameOf(BackendSort key) => key switch
    {
        BackendSort.Trouble => "State",
        BackendSort.Name => "Backend",
        BackendSort.Utilisation => "In use / limit",
        BackendSort.Waiting => "Waiting",
        BackendSort.Refused => "Refused/s",
        BackendSort.Served => "Served/s",
        BackendSort.WaitP50 => "Wait p50",
        BackendSort.WaitP99 => "Wait p99",
        _ => throw new ArgumentOutOfRangeException(nameof(key), key, "No such column."),
    };

    /// <summary>Chooses what to sort by.</summary>
    /// <param name="key">The column.</param>
    public void Choose(BackendSort key)
    {
        IsReversed = key == By && !IsReversed;
        By = key;
    }

    /// <summary>Whether a column is sorted by upwards, downwards or not at all, as assistive technology wants it said.</summary>
    /// <param name="key">The column.</param>
    public string AriaSort(BackendSort key) => key != By ? "none" : By == BackendSort.Name != IsReversed ? "ascending" : "descending";

    /// <summary>Sorts.</summary>
    /// <param name="rows">The backends.</param>
    public IEnumerable<BackendRow> Sort(IEnumerable<BackendRow> rows)
    {
        var byName = rows.OrderBy(static row => row.Id, StringComparer.OrdinalIgnoreCase);
        return By == BackendSort.Name
            ? IsReversed ? byName.Reverse() : byName
            : IsReversed ? byName.OrderBy(ValueOf) : byName.OrderByDescending(ValueOf);
    }

    /// <summary>The order of before, with the values of now; what is new comes last.</summary>
    /// <param name="before">The names in their order.</param>
    /// <param name="rows">The backends as they are now.</param>
    public static IEnumerable<BackendRow> As(IEnumerable<string> before, IEnumerable<BackendRow> rows)
    {
        ArgumentNullException.ThrowIfNull(before);
        var places = new Dictionary<string, int>(StringComparer.OrdinalIgnoreCase);
        foreach (var name in before)
        {
            places[name] = places.Count;
        }

        return rows.OrderBy(row => places.GetValueOrDefault(row.Id, int.MaxValue));
    }

    // What is not known stands below zero.
    private double ValueOf(BackendRow row) => By switch
    {
        BackendSort.Trouble => row.Trouble,
        BackendSort.Utilisation => row.Utilisation ?? -1,
        BackendSort.Waiting => row.Waiting ?? -1,
        BackendSort.Refused => row.RefusedPerSecond ?? -1,
        BackendSort.Served => row.ServedPerSecond ?? -1,
        BackendSort.WaitP50 => row.WaitP50?.TotalSeconds ?? -1,
        BackendSort.WaitP99 => row.WaitP99?.TotalSeconds ?? -1,
        _ => 0,
    };
}
