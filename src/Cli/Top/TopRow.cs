using Admission.Cli.BackendCommands;
using Admission.Cli.Output;
using Admission.Frontend.Api.Operating;

namespace Admission.Cli.Top;

/// <summary>A backend in <c>top</c>.</summary>
/// <param name="Backend">How it stands.</param>
internal sealed record TopRow(OverviewRowView Backend)
{
    /// <summary>How bad it is.</summary>
    public Level Level { get; } = Trouble.LevelOf(Backend);

    /// <summary>What is wrong with it.</summary>
    public string Words { get; } = Trouble.Words(Backend);

    /// <summary>Sorts rows.</summary>
    public static IReadOnlyList<TopRow> Sorted(IEnumerable<TopRow> rows, TopSort sort)
    {
        var sorted = sort switch
        {
            TopSort.Name => rows.OrderBy(row => row.Backend.Id, StringComparer.OrdinalIgnoreCase),
            TopSort.Use => rows.OrderByDescending(row => row.Backend.Utilisation ?? -1),
            TopSort.Waiting => rows.OrderByDescending(row => row.Backend.Waiting ?? -1),
            TopSort.Refused => rows.OrderByDescending(row => row.Backend.RefusedPerSecond ?? -1),
            _ => rows.OrderByDescending(row => row.Backend.Trouble).ThenByDescending(row => row.Backend.Utilisation ?? 0),
        };
        return [.. sorted.ThenBy(row => row.Backend.Id, StringComparer.OrdinalIgnoreCase)];
    }
}
