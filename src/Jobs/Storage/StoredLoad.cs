namespace Admission.Jobs.Storage;

/// <summary>
/// How much is stored for each backend, so that the bounds need no count for each job. Counted again after a second, or after fifty times as long as the counting took; between
/// counts what this process stores and records is added. So several gateways may exceed a bound together by what they store in that time.
/// </summary>
/// <remarks>Used by the writer's loop only.</remarks>
internal sealed class StoredLoad(TimeProvider time, Func<string, CancellationToken, Task<StoredCount>> count)
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
            var found = await count(job.Backend, cancellation);
            var took = time.GetElapsedTime(begun) * CountingShare;
            _backends[job.Backend] = counted = new Counted { Jobs = found.Jobs, Finished = found.Finished, Bytes = found.Bytes, At = time.GetTimestamp(), Lasts = took > Shortest ? took : Shortest };
        }

        if (counted.Jobs >= job.Policy.Capacity)
        {
            return AcceptOutcome.Full;
        }

        if (counted.Bytes + job.Size > job.Policy.MaxStored)
        {
            return AcceptOutcome.StoreFull;
        }

        if (counted.Finished >= job.Policy.MaxFinished)
        {
            return AcceptOutcome.ResultsFull;
        }

        counted.Jobs++;
        counted.Bytes += job.Size;
        return AcceptOutcome.Stored;
    }

    /// <summary>Something was recorded of a job.</summary>
    /// <param name="backend">Its backend.</param>
    /// <param name="finished">It is finished.</param>
    /// <param name="bytes">Bytes that were added.</param>
    public void Recorded(string backend, bool finished, long bytes)
    {
        if (_backends.TryGetValue(backend, out var counted))
        {
            counted.Jobs -= finished ? 1 : 0;
            counted.Finished += finished ? 1 : 0;
            counted.Bytes += bytes;
        }
    }

    private sealed class Counted
    {
        public long Jobs { get; set; }

        public long Finished { get; set; }

        public long Bytes { get; set; }

        public long At { get; init; }

        public TimeSpan Lasts { get; init; }
    }
}

/// <summary>What is stored for a backend.</summary>
internal sealed class StoredCount
{
    /// <summary>Jobs that are not finished.</summary>
    public long Jobs { get; init; }

    /// <summary>Those that are.</summary>
    public long Finished { get; init; }

    /// <summary>Bytes of all.</summary>
    public long Bytes { get; init; }
}
