using System.Threading.RateLimiting;

namespace Admission.Client.RateLimiting;

/// <summary>Who waits in one limiter, and for whom the permits are that its tickets get.</summary>
/// <remarks>
/// <para>
/// Each caller takes a ticket, so that the cluster's queue knows how many wait here; but a ticket belongs to nobody. Permits that come go to the oldest or newest caller who waits for as many, and that one's
/// ticket is left to the other. So the limiter's order holds whatever the cluster's is, and no caller's leaving wastes a place.
/// </para>
/// <para>One lock guards the callers and whose each ticket is. Nothing is called inside it: tickets are given up and callers told outside.</para>
/// </remarks>
internal sealed class LimiterQueue(int limit, QueueProcessingOrder order)
{
    private readonly Lock _lock = new();
    private readonly LinkedList<LeaseWaiter> _waiters = new();
    private int _permits;
    private bool _closed;

    /// <summary>Permits that are waited for.</summary>
    public int Permits => Volatile.Read(ref _permits);

    /// <summary>Nobody waits, not even for no permits.</summary>
    public bool IsEmpty
    {
        get
        {
            lock (_lock)
            {
                return _waiters.Count == 0;
            }
        }
    }

    /// <summary>Takes a caller in.</summary>
    /// <param name="waiter">The caller.</param>
    /// <param name="displaced">Takes those who had to leave for it, the oldest first; null for none.</param>
    /// <returns>False if there is no place, and it is known that asking is in vain.</returns>
    public bool TryEnter(LeaseWaiter waiter, out List<LeaseWaiter>? displaced)
    {
        displaced = null;
        lock (_lock)
        {
            if (_closed)
            {
                return false;
            }

            if (limit - _permits < waiter.Permits)
            {
                if (order == QueueProcessingOrder.NewestFirst && waiter.Permits <= limit)
                {
                    displaced = Displace(waiter.Permits);
                }
                else if (_waiters.First is { Value.Ticket.IsKnownToWait: true })
                {
                    return false;
                }
                else
                {
                    waiter.IsAsking = true;
                }
            }

            waiter.Node = _waiters.AddLast(waiter);
            _permits += waiter.IsAsking ? 0 : waiter.Permits;
            return true;
        }
    }

    /// <summary>A caller waits no more.</summary>
    /// <param name="waiter">The caller.</param>
    /// <param name="ticket">Its ticket, which has nobody any more.</param>
    /// <returns>False if it was told before.</returns>
    public bool Leave(LeaseWaiter waiter, out LimiterTicket ticket)
    {
        lock (_lock)
        {
            ticket = waiter.Ticket;
            if (waiter.Node is null)
            {
                return false;
            }

            Remove(waiter);
            ticket.Waiter = null;
            return true;
        }
    }

    /// <summary>Whether somebody is told if a ticket is refused.</summary>
    public bool IsWaitedFor(LimiterTicket ticket)
    {
        lock (_lock)
        {
            return ticket.Waiter is not null;
        }
    }

    /// <summary>A ticket was refused.</summary>
    /// <param name="ticket">The ticket.</param>
    /// <returns>Whom to tell; null for nobody.</returns>
    public LeaseWaiter? Refuse(LimiterTicket ticket)
    {
        lock (_lock)
        {
            var waiter = ticket.Waiter;
            if (waiter is not null)
            {
                Remove(waiter);
            }

            return waiter;
        }
    }

    /// <summary>A ticket has got its permits.</summary>
    /// <param name="ticket">The ticket.</param>
    /// <param name="spare">Another ticket that nobody needs any more; null for none.</param>
    /// <returns>Whose they are; null for nobody's.</returns>
    public LeaseWaiter? Serve(LimiterTicket ticket, out LimiterTicket? spare)
    {
        spare = null;
        lock (_lock)
        {
            var waiter = Next(ticket.Weight);
            if (waiter is null)
            {
                return null;
            }

            Remove(waiter);
            if (!ReferenceEquals(waiter.Ticket, ticket))
            {
                // The one whose ticket it was goes on with the ticket of the one who is served.
                var left = waiter.Ticket;
                left.Waiter = ticket.Waiter;
                if (ticket.Waiter is { } other)
                {
                    other.Ticket = left;
                }
                else
                {
                    spare = left;
                }
            }

            ticket.Waiter = null;
            return waiter;
        }
    }

    /// <summary>Lets nobody in any more.</summary>
    /// <returns>Who waited.</returns>
    public List<LeaseWaiter> Close()
    {
        lock (_lock)
        {
            _closed = true;
            List<LeaseWaiter> waiters = [.. _waiters];
            foreach (var waiter in waiters)
            {
                Remove(waiter);
                waiter.Ticket.Waiter = null;
            }

            return waiters;
        }
    }

    private List<LeaseWaiter> Displace(int permits)
    {
        var displaced = new List<LeaseWaiter>();
        for (var node = _waiters.First; node is not null && limit - _permits < permits;)
        {
            var (waiter, next) = (node.Value, node.Next);

            // Who asks for none, or was let in beyond the limit, takes no place that another could have.
            if (waiter is { IsAsking: false, Permits: > 0 })
            {
                Remove(waiter);
                waiter.Ticket.Waiter = null;
                displaced.Add(waiter);
            }

            node = next;
        }

        return displaced;
    }

    private LeaseWaiter? Next(int weight)
    {
        for (var node = order == QueueProcessingOrder.OldestFirst ? _waiters.First : _waiters.Last; node is not null;
            node = order == QueueProcessingOrder.OldestFirst ? node.Next : node.Previous)
        {
            if (node.Value.Weight == weight)
            {
                return node.Value;
            }
        }

        return null;
    }

    private void Remove(LeaseWaiter waiter)
    {
        _waiters.Remove(waiter.Node!);
        waiter.Node = null;
        _permits -= waiter.IsAsking ? 0 : waiter.Permits;
    }
}
