using System.Globalization;

namespace Admission.EndToEnd.Cluster.Records;

/// <summary>The requests of a run, with the outages that explain why some have no clean answer.</summary>
internal sealed class ServiceRecord(IReadOnlyList<RequestRecord> requests, IReadOnlyList<Outage> outages)
{
    public IReadOnlyList<RequestRecord> Requests { get; } = [.. requests.OrderBy(request => request.Ended)];

    /// <summary>Requests served per second of a window.</summary>
    public double Goodput(long from, long to) =>
        to <= from ? 0 : Ended(from, to).Count(request => request.End == RequestEnd.Served) / Clock.Seconds(to - from);

    /// <summary>Requests without a clean answer that the death of the very process which served them explains.</summary>
    public IEnumerable<RequestRecord> Explained(long from = long.MinValue, long to = long.MaxValue) =>
        Ended(from, to).Where(request => request.End == RequestEnd.Unclean && IsExplained(request));

    /// <summary>Requests without a clean answer, and nothing that explains it.</summary>
    public IEnumerable<RequestRecord> Unclean(long from = long.MinValue, long to = long.MaxValue) =>
        Ended(from, to).Where(request => request.End == RequestEnd.Wrong || (request.End == RequestEnd.Unclean && !IsExplained(request)));

    /// <summary>How often each reason was given to the refused, or each failure seen by the unclean, of some requests.</summary>
    public static string Reasons(IEnumerable<RequestRecord> requests) =>
        string.Join(", ", requests.GroupBy(request => request.Detail).OrderByDescending(group => group.Count())
            .Select(group => string.Create(CultureInfo.InvariantCulture, $"{group.Key}: {group.Count()}")));

    public IEnumerable<RequestRecord> Ended(long from, long to)
    {
        for (var index = FirstFrom(from); index < Requests.Count && Requests[index].Ended < to; index++)
        {
            yield return Requests[index];
        }
    }

    private bool IsExplained(RequestRecord request) => outages.Any(outage => outage.Explains(request));

    private int FirstFrom(long time)
    {
        var (low, high) = (0, Requests.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = Requests[middle].Ended < time ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
