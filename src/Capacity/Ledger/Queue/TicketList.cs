using System.Diagnostics;

namespace Admission.Capacity;

/// <summary>Tickets in the order in which they came; each is in one list at most. Adding and taking out cost the same however many there are.</summary>
/// <remarks>
/// The tickets themselves are linked. A node for each would be a second object that the collector moves twice while a ticket waits long, which is most of what a ticket costs among a hundred thousand.
/// </remarks>
internal sealed class TicketList
{
    public int Count { get; private set; }

    public QueuedTicket? First { get; private set; }

    public QueuedTicket? Last { get; private set; }

    public void AddLast(QueuedTicket ticket)
    {
        Debug.Assert(ticket is { Before: null, After: null }, "A ticket is in one list.");
        ticket.Before = Last;
        if (Last is { } last)
        {
            last.After = ticket;
        }
        else
        {
            First = ticket;
        }

        Last = ticket;
        Count++;
    }

    public void Remove(QueuedTicket ticket)
    {
        Debug.Assert(ticket.Before is not null || ReferenceEquals(First, ticket), "The ticket is in this list.");
        if (ticket.Before is { } before)
        {
            before.After = ticket.After;
        }
        else
        {
            First = ticket.After;
        }

        if (ticket.After is { } after)
        {
            after.Before = ticket.Before;
        }
        else
        {
            Last = ticket.Before;
        }

        ticket.Before = ticket.After = null;
        Count--;
    }
}
