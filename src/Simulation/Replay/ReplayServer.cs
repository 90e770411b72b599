namespace Admission.Simulator;

/// <summary>A replayed backend that is slower when more is inside than its capacity. Times are in ticks. A request that has ended otherwise has <see cref="RequestState.Ended"/> before it leaves.</summary>
internal abstract class ReplayServer
{
    /// <summary>A request comes in.</summary>
    /// <param name="now">The present instant.</param>
    /// <param name="request">The request.</param>
    /// <param name="work">How long it takes when nobody else is inside.</param>
    public abstract void Enter(long now, ReplayRequest request, long work);

    /// <summary>A request that has ended, by itself or otherwise, leaves its place to others.</summary>
    public abstract void Leave(long now, ReplayRequest request);

    /// <summary>When the next request ends, if nothing else happens; <see cref="long.MaxValue"/> if none is inside.</summary>
    public abstract long NextEnd(long now);

    /// <summary>Which request ends at that instant.</summary>
    public abstract ReplayRequest Ending { get; }

    /// <summary>Forgets the first ones of those that have ended otherwise.</summary>
    protected static bool TrySkipEnded<T>(PriorityQueue<ReplayRequest, T> queue)
    {
        while (queue.TryPeek(out var first, out _) && first.State == RequestState.Ended)
        {
            queue.Dequeue();
        }

        return queue.Count > 0;
    }
}

/// <summary>So many workers, and a queue in order of arrival before them. Who needs more workers than there are has all of them.</summary>
internal sealed class WorkersServer(int workers) : ReplayServer
{
    private readonly PriorityQueue<ReplayRequest, (long End, long Order)> _running = new();
    private readonly Queue<(ReplayRequest Request, long Work)> _waiting = new();
    private int _busy;
    private long _order;

    public override ReplayRequest Ending => _running.Peek();

    public override void Enter(long now, ReplayRequest request, long work)
    {
        _waiting.Enqueue((request, work));
        Start(now);
    }

    public override void Leave(long now, ReplayRequest request)
    {
        _busy -= request.Workers;
        request.Workers = 0;
        Start(now);
    }

    public override long NextEnd(long now) => TrySkipEnded(_running) && _running.TryPeek(out _, out var next) ? next.End : long.MaxValue;

    private void Start(long now)
    {
        while (_waiting.TryPeek(out var first))
        {
            var needed = Math.Min(workers, first.Request.Offered.Weight);
            if (first.Request.State != RequestState.Ended)
            {
                if (_busy + needed > workers)
                {
                    return;
                }

                _busy += first.Request.Workers = needed;
                _running.Enqueue(first.Request, (now + first.Work, ++_order));
            }

            _waiting.Dequeue();
        }
    }
}

/// <summary>
/// Processor sharing with a knee: everyone inside is served at once, at full speed up to the capacity; beyond it they share, and what they share shrinks, by a third with twice as many inside as the
/// capacity.
/// </summary>
internal sealed class SharingServer(int capacity) : ReplayServer
{
    private readonly PriorityQueue<ReplayRequest, (double End, long Order)> _inside = new();
    private double _served;
    private long _at;
    private int _load;
    private long _order;

    private double Speed => _load <= capacity ? 1 : (double)capacity / _load / (1 + (0.5 * (_load - capacity) / capacity));

    public override ReplayRequest Ending => _inside.Peek();

    public override void Enter(long now, ReplayRequest request, long work)
    {
        Serve(now);
        _load += request.Offered.Weight;
        _inside.Enqueue(request, (_served + work, ++_order));
    }

    public override void Leave(long now, ReplayRequest request)
    {
        Serve(now);
        _load -= request.Offered.Weight;
    }

    public override long NextEnd(long now) => TrySkipEnded(_inside) && _inside.TryPeek(out _, out var next)
        ? Math.Max(now, _at + (long)Math.Ceiling((next.End - _served) / Speed))
        : long.MaxValue;

    private void Serve(long now)
    {
        _served += (now - _at) * Speed;
        _at = now;
    }
}
