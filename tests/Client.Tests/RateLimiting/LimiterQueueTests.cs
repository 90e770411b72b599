using System.Threading.RateLimiting;
using Admission.Client.RateLimiting;

namespace Admission.Client.Tests.RateLimiting;

/// <summary>Whose the permits of a ticket are.</summary>
public class LimiterQueueTests
{
    [Fact]
    public void Whoever_is_served_by_another_ticket_leaves_its_own_to_nobody()
    {
        var queue = new LimiterQueue(10, QueueProcessingOrder.OldestFirst);
        var (waiter, ticket) = Enter(queue);
        queue.IsWaitedFor(ticket).ShouldBeTrue();

        queue.Serve(Ticket(), out var spare).ShouldBe(waiter);

        spare.ShouldBe(ticket);
        queue.IsWaitedFor(ticket).ShouldBeFalse("also if it is asked for only now, it has to be given up");
        queue.Refuse(ticket).ShouldBeNull();
    }

    [Fact]
    public void Who_is_passed_over_goes_on_with_the_ticket_of_who_was_served()
    {
        var queue = new LimiterQueue(10, QueueProcessingOrder.NewestFirst);
        var (older, first) = Enter(queue);
        var (newer, second) = Enter(queue);

        queue.Serve(first, out var spare).ShouldBe(newer);

        spare.ShouldBeNull();
        queue.IsWaitedFor(first).ShouldBeFalse();
        queue.IsWaitedFor(second).ShouldBeTrue();
        queue.Refuse(second).ShouldBe(older);
    }

    private static (LeaseWaiter Waiter, LimiterTicket Ticket) Enter(LimiterQueue queue)
    {
        var ticket = Ticket();
        var waiter = new LeaseWaiter(queue, 1) { Ticket = ticket };
        ticket.Waiter = waiter;
        queue.TryEnter(waiter, out _).ShouldBeTrue();
        return (waiter, ticket);
    }

    /// <summary>Of no backend: nothing is asked here.</summary>
    private static LimiterTicket Ticket() => new(null!, 1, 0, null);
}
