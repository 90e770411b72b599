using System.Diagnostics;

namespace Admission.FastBackend;

/// <summary>How long workers have nothing to do between two requests.</summary>
internal sealed class IdleTimes
{
    private readonly Lock _lock = new();
    private readonly Queue<long> _since = new();
    private long _ticks;
    private long _turns;

    /// <summary>A worker is done.</summary>
    /// <param name="hasMore">There is a request for it already.</param>
    public void Ended(bool hasMore)
    {
        lock (_lock)
        {
            if (hasMore)
            {
                _turns++;
            }
            else
            {
                _since.Enqueue(Stopwatch.GetTimestamp());
            }
        }
    }

    /// <summary>A request has come, to the worker that has waited longest.</summary>
    public void Arrived()
    {
        lock (_lock)
        {
            if (_since.TryDequeue(out var since))
            {
                _ticks += Stopwatch.GetTimestamp() - since;
                _turns++;
            }
        }
    }

    /// <summary>Microseconds for each request since this was last called.</summary>
    public double Take()
    {
        lock (_lock)
        {
            var mean = _turns == 0 ? 0 : Stopwatch.GetElapsedTime(0, _ticks).TotalMicroseconds / _turns;
            (_ticks, _turns) = (0, 0);
            _since.Clear();
            return mean;
        }
    }
}
