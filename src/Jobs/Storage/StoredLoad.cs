namespace Admission.Jobs.Storage;

/// <summary>
/// How much is stored for each backend, so that the bounds need no count for each job. Counted again after a second, or after fifty times as long as the counting took; between
/// counts what this process stores is added. So several gateways may exceed a bound together by what they store in that time.
/// </summary>
/// <remarks>Used by the writer's loop only.</remarks>
internal sealed class StoredLoad(TimeProvider time, Func<string, CancellationToken, Task<(long Jobs, long Bytes)>> count)
{
    private const int CountingShare = 50;

    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, Counted> _backends = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Counts one more job, if there is room.</summary>
    public async ValueTask<AcceptOutcome> TryAddAsync(NewJob job, CancellationToken cancellation)
    {
        if (!_backends.TryGetValue(job.Backend, out var counted) || time.GetElapsedTime(counted.At) > counted.Lasts)
        {
            var begun = time.GetTimestamp();
            var (jobs, bytes) = await count(job.Backend, cancellation);
            var took = time.GetElapsedTime(begun) * CountingShare;
            _backends[job.Backend] = counted = new Counted { Jobs = jobs, Bytes = bytes, At = time.GetTimestamp(), Lasts = took > Shortest ? took : Shortest };
        }

        if (counted.Jobs >= job.Policy.Capacity)
        {
            return AcceptOutcome.Full;
        }

        if (counted.Bytes + job.Size > job.Policy.MaxStored)
        {
            return AcceptOutcome.StoreFull;
        }

        counted.Jobs++;
        counted.Bytes += job.Size;
        return AcceptOutcome.Stored;
    }

    private sealed class Counted
    {
        public long Jobs { get; set; }

        public long Bytes { get; set; }

        public long At { get; init; }

        public TimeSpan Lasts { get; init; }
    }
}
