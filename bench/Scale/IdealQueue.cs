namespace Admission.Scale;

/// <summary>
/// The same arrivals at one ideal queue: M/G/c/c+K, first come, first served, without any network: whoever has to wait gets the very permit that comes back next, at that instant.
/// </summary>
/// <remarks>Exact, by Kiefer and Wolfowitz' recursion: a request begins when it has arrived and the first of the permits is free, in the order of arrival.</remarks>
internal sealed class IdealQueue(int limit, int places)
{
    private readonly PriorityQueue<int, long> _ends = new();
    private readonly Queue<long> _begins = new();
    private readonly List<long> _waits = [];
    private double _busyTicks;
    private long _refused;

    /// <summary>Lets them arrive, and counts from one instant to another.</summary>
    public static IdealResult Run(int limit, int places, IEnumerable<OfferedRequest> arrivals, TimeSpan from, TimeSpan to)
    {
        var queue = new IdealQueue(limit, places);
        foreach (var request in arrivals)
        {
            if (request.At >= to)
            {
                break;
            }

            queue.Arrive(request.At.Ticks, request.Service.Ticks, from.Ticks, to.Ticks);
        }

        return new IdealResult(queue._busyTicks / ((double)limit * (to - from).Ticks), WaitSummary.Of(queue._waits), queue._refused);
    }

    private void Arrive(long at, long service, long from, long to)
    {
        while (_begins.TryPeek(out var began) && began <= at)
        {
            _begins.Dequeue();
        }

        while (_ends.TryPeek(out _, out var ended) && ended <= at && _begins.Count == 0)
        {
            _ends.Dequeue();
        }

        var begins = at;
        if (_ends.Count == limit)
        {
            if (_begins.Count >= places)
            {
                _refused += at >= from ? 1 : 0;
                return;
            }

            _ends.TryDequeue(out _, out begins);
            begins = Math.Max(begins, at);
            _begins.Enqueue(begins);
        }

        _ends.Enqueue(0, begins + service);
        _busyTicks += Math.Max(0, Math.Min(begins + service, to) - Math.Max(begins, from));
        if (begins >= from && begins < to)
        {
            _waits.Add(begins - at);
        }
    }
}

/// <summary>What the ideal queue did.</summary>
/// <param name="Utilisation">Permits in use of those that there are.</param>
/// <param name="Waits">How long those waited that began in the time that counts.</param>
/// <param name="Refused">Who found the queue full.</param>
internal sealed record IdealResult(double Utilisation, WaitSummary Waits, long Refused);
