using System.Diagnostics;

namespace Admission.Capacity;

/// <summary>A tenant's tickets in one priority, first come first served, and how far its service is.</summary>
internal sealed class TicketTenant(string name, int weight)
{
    public string Name { get; } = name;

    /// <summary>Its part beside the other tenants of the priority.</summary>
    public int Weight { get; set; } = weight;

    public TicketList Tickets { get; } = new();

    /// <summary>What its tickets ask for together.</summary>
    public long QueuedWeight { get; set; }

    /// <summary>Tickets that it has ever brought here.</summary>
    public long Brought { get; set; }

    /// <summary>The place of a ticket among its own: 1 is the first. At most, because those that left from the middle are still counted as long as there are so many.</summary>
    public int PlaceOf(QueuedTicket ticket) => (int)Math.Min(ticket.Ordinal - First.Ordinal + 1, Tickets.Count);

    /// <summary>What one of them asks for, on average; 1 while there is none.</summary>
    public double MeanWeight => Tickets.Count == 0 ? 1 : (double)QueuedWeight / Tickets.Count;

    public QueuedTicket First => Tickets.First!;

    public QueuedTicket Last => Tickets.Last!;

    /// <summary>The start tag of its first ticket, or of the next that comes: the permits it was granted, each divided by its weight, on the clock of its level.</summary>
    public double Start { get; set; }

    /// <summary>How far its start tag may lie behind the clock of its level: its burst credit, divided by its weight.</summary>
    public double Lead { get; set; }

    /// <summary>The tag up to which its turns come by arrival: the first part of its credit (<see cref="TicketLevel.Alike"/>), counted from where it began to wait.</summary>
    public double AlikeUntil { get; set; }

    /// <summary>The tag up to which it counts as if it had had its whole credit when it began to wait (<see cref="TicketLevel.Even"/>).</summary>
    public double EvenUntil { get; set; }

    /// <summary>What of its credit it had used when it began to wait, and is not held against it up to <see cref="EvenUntil"/>.</summary>
    public double Forgiven { get; set; }

    /// <summary>What its turn comes by: its start tag, but not earlier than the first part of its credit has been used.</summary>
    public double Turn => TurnAt(Start);

    /// <summary>When the clock is here, the tenant has its whole credit again, as a stranger has.</summary>
    public double Rested => Start + Lead;

    /// <summary>Its cap keeps its first ticket from being served.</summary>
    public bool IsParked { get; set; }

    /// <summary>What its turn would come by with another start tag.</summary>
    public double TurnAt(double start) => Math.Max(start < EvenUntil ? start - Forgiven : start, AlikeUntil);

    /// <summary>The last start tag whose turn comes no later than that: what <see cref="TurnAt"/> says, turned round.</summary>
    public double StartAt(double turn) => turn >= EvenUntil ? turn : Math.Min(turn + Forgiven, EvenUntil);

    /// <summary>By turn, then by the arrival of the first ticket: who is served next.</summary>
    public static int CompareTurn(TicketTenant one, TicketTenant other)
    {
        var order = one.Turn.CompareTo(other.Turn);
        return order != 0 ? order : one.First.Arrival.CompareTo(other.First.Arrival);
    }

    /// <summary>By tickets for its weight, then by the arrival of the last ticket: whoever loses a ticket is the last in this order.</summary>
    public static int CompareLength(TicketTenant one, TicketTenant other)
    {
        var order = ((long)one.Tickets.Count * other.Weight).CompareTo((long)other.Tickets.Count * one.Weight);
        return order != 0 ? order : one.Last.Arrival.CompareTo(other.Last.Arrival);
    }

    /// <summary>By start tag, for those that have no tickets.</summary>
    public static int CompareStart(TicketTenant one, TicketTenant other)
    {
        var order = one.Start.CompareTo(other.Start);
        return order != 0 ? order : string.CompareOrdinal(one.Name, other.Name);
    }

    /// <summary>By when they have their whole credit again, for those that have no tickets.</summary>
    public static int CompareResting(TicketTenant one, TicketTenant other)
    {
        Debug.Assert(one.Tickets.Count == 0 && other.Tickets.Count == 0, "A tenant with tickets does not rest.");
        var order = one.Rested.CompareTo(other.Rested);
        return order != 0 ? order : string.CompareOrdinal(one.Name, other.Name);
    }
}
