namespace Admission.Capacity.Tests;

/// <summary>Requests whose connections are held: where they stand, how long they may wait, and that nobody's patience counts for them.</summary>
public sealed class PlacesTests
{
    private long _sequence;

    private static readonly BackendPolicy Policy = new() { Limit = 1, Overflow = Overflow.Wait, QueueCapacity = 10, MaxWait = TimeSpan.FromSeconds(5) };

    [Fact]
    public void Tickets_of_one_holder_are_told_where_they_stand_and_others_are_left_out()
    {
        var time = new ManualTime();
        var ledger = new CapacityLedger(new LedgerState { Epoch = 1, Policy = Policy, PolicyVersion = 1 }, time.GetTimestamp(), time);
        Report(ledger, "a", 1, 2);
        Report(ledger, "b", 1);
        Report(ledger, "a", 1, 2, 3);

        // The first has the only permit.
        ledger.Places("a", [2, 3, 99]).Select(place => (place.Ticket, place.Position)).ShouldBe([(2, 1), (3, 3)]);
        ledger.Places("b", [1]).Select(place => (place.Ticket, place.Position)).ShouldBe([(1, 2)]);
        ledger.Places("c", [1]).ShouldBeEmpty();
        ledger.Explain(new TicketId(TicketId.TagOf("a"), 3, RefusalReason.None, 0, 0)).Waiting!.Place.ShouldBe(3, "explain says the same.");
    }

    [Fact]
    public void One_that_is_held_waits_longer_than_the_policy_lets_others_and_at_most_a_day()
    {
        var time = new ManualTime();
        var pool = new PermitPool("a", 1, Policy, time);
        var (held, longest, other) = (new TestWaiter(), new TestWaiter(), new TestWaiter());
        pool.Acquire(new AdmissionRequest { IsHeld = true, MaxWait = TimeSpan.FromHours(2) }, held, out _);
        pool.Acquire(new AdmissionRequest { IsHeld = true, MaxWait = TimeSpan.FromDays(3) }, longest, out _);
        pool.Acquire(new AdmissionRequest { MaxWait = TimeSpan.FromHours(2) }, other, out _);
        var report = pool.BeginExchange()!;
        report.Tickets.Select(ticket => (ticket.IsHeld, ticket.TimeLeft)).ShouldBe(
            [(true, TimeSpan.FromHours(2)), (true, AdmissionRequest.LongestHeldWait), (false, TimeSpan.FromSeconds(5))]);
        held.Waiting.IsNone.ShouldBeFalse();
        new TestWaiter().Waiting.IsNone.ShouldBeTrue();
    }

    private void Report(CapacityLedger ledger, string holder, params long[] tickets)
    {
        var report = new HolderReport
        {
            Holder = holder, Incarnation = 1, Epoch = 1, Sequence = ++_sequence, AppliedDecision = 0, Held = [], Work = default,
            Tickets = [.. tickets.Select(ticket => new TicketRequest(ticket, 1, Priorities.Normal, null, TimeSpan.FromMinutes(1)))],
        };
        if (ledger.Receive(report).Status == LedgerStatus.Registering)
        {
            ledger.EndStore(ledger.BeginStore(), StoreOutcome.Stored);
            ledger.Receive(report);
        }
    }
}
