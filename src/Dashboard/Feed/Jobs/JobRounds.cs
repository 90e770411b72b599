using Admission.Capacity;
using Admission.Jobs.Storage;

namespace Admission.Dashboard.Feed.Jobs;

/// <summary>Finds out how many jobs there are, from the store's own count, which is made again every ten seconds at most.</summary>
internal sealed class JobRounds(IJobsDoor door, TimeProvider time)
{
    /// <summary>One round.</summary>
    public async Task<JobCounts> RoundAsync(CancellationToken cancellation)
    {
        var (store, isOn, problem) = await door.OpenAsync(cancellation);
        if (store is null)
        {
            return new JobCounts(time.GetUtcNow(), isOn, [], problem);
        }

        var rows = store.Census?.Look();
        return store.Census is { IsKnown: true } && rows is not null
            ? new JobCounts(time.GetUtcNow(), isOn,
                [.. rows.Select(row => new JobStateCount(row.Backend, KebabCase.Of(row.State), row.Count, row.OldestAge)).OrderBy(row => row.Backend, StringComparer.Ordinal)], null)
            : new JobCounts(time.GetUtcNow(), isOn, [], "The jobs are being counted.");
    }
}
