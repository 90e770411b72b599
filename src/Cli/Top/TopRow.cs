using Admission.Cli.BackendCommands;
using Admission.Frontend.Api.Operating;

namespace Admission.Cli.Top;

/// <summary>A backend in <c>top</c>.</summary>
/// <param name="Backend">How it stands.</param>
/// <param name="Utilisation">The share of its limit that is in use.</param>
/// <param name="Trouble">What is wrong with it.</param>
internal sealed record TopRow(GlanceView Backend, double? Utilisation, Trouble Trouble)
{
    public static TopRow Of(GlanceView backend)
    {
        var standing = Standing.Of(backend);
        return new TopRow(backend, standing.Utilisation, Trouble.Of(standing));
    }

    /// <summary>Sorts rows.</summary>
    public static IReadOnlyList<TopRow> Sorted(IEnumerable<TopRow> rows, TopSort sort)
    {
        var sorted = sort switch
        {
            TopSort.Name => rows.OrderBy(row => row.Backend.Id, StringComparer.OrdinalIgnoreCase),
            TopSort.Use => rows.OrderByDescending(row => row.Utilisation ?? -1),
            TopSort.Waiting => rows.OrderByDescending(row => row.Backend.Waiting ?? -1),
            TopSort.Refused => rows.OrderByDescending(row => row.Backend.RefusedPerSecond ?? -1),
            _ => rows.OrderByDescending(row => row.Trouble.Score).ThenByDescending(row => row.Backend.RefusedPerSecond ?? 0).ThenByDescending(row => row.Utilisation ?? 0),
        };
        return [.. sorted.ThenBy(row => row.Backend.Id, StringComparer.OrdinalIgnoreCase)];
    }
}
