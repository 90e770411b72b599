namespace Admission.Capacity.Tests;

/// <summary>What a ledger knows of the counts of a policy in shadow.</summary>
public class ShadowBookTests
{
    private static readonly BackendPolicy Policy = new() { Limit = 1 };

    [Fact]
    public void A_ledger_that_enforces_has_none()
    {
        var ledger = new DirectLedger(Policy);
        ledger.Report(held: 0);
        ledger.Describe().Shadow.ShouldBeNull();
    }

    [Fact]
    public void Totals_of_all_holders_are_added_each_once_however_often_it_is_told()
    {
        var ledger = new DirectLedger(Policy);
        Deliver(ledger, "a", 1, Totals(4));
        Deliver(ledger, "a", 2, Totals(6));
        Deliver(ledger, "b", 1, Totals(10));
        Deliver(ledger, "a", 3, null);
        var sum = ledger.Describe().Shadow!;
        (sum.Requests, sum.AtOnce, sum.Waited, sum.AllRefused, sum.Waiting, sum.Holders).ShouldBe((16L, 2L, 8L, 6L, 0L, 2));
        sum.Refused.ShouldBe([new ShadowRefusals(RefusalReason.QueueFull, 6)]);
        sum.Waits.ShouldBe([new ShadowWaits(8, 8)]);
        sum.MeanWait.ShouldBe(TimeSpan.FromMilliseconds(2));
    }

    [Fact]
    public void Totals_that_nobody_can_have_counted_are_refused()
    {
        var ledger = new DirectLedger(Policy);
        ShadowTotals[] wrong =
        [
            new() { Requests = 1, AtOnce = 2 }, new() { Requests = 1, AtOnce = -1 }, new() { Waits = [new(176, 1)] }, new() { Waits = [new(3, 1), new(3, 1)] },
            new() { Refused = [new(RefusalReason.QueueFull, -1)] },
        ];
        foreach (var totals in wrong)
        {
            Should.Throw<ArgumentException>(() => Deliver(ledger, "a", 1, totals));
        }
    }

    [Fact]
    public void Of_too_many_holders_the_one_that_was_silent_longest_is_forgotten()
    {
        var time = new ManualTime();
        var book = new ShadowBook(new MonotonicClock(time));
        for (var i = 0; i < ShadowBook.MostHolders; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            book.Note($"h{i}", new ShadowTotals { Requests = 1, AtOnce = 1, Holders = 1 }, policyVersion: 1);
        }

        time.Advance(TimeSpan.FromSeconds(1));
        book.Note("h0", new ShadowTotals { Age = TimeSpan.FromHours(1), Requests = 5, AtOnce = 5, Holders = 1 }, policyVersion: 1);
        book.Note("new", new ShadowTotals { Requests = 100, AtOnce = 100, Holders = 1 }, policyVersion: 1);
        time.Advance(TimeSpan.FromSeconds(30));
        var sum = book.Sum(policyVersion: 1)!;
        sum.Age.ShouldBe(TimeSpan.FromSeconds(3630), "as it is now, and not as it was told");
        (sum.Holders, sum.Requests).ShouldBe((ShadowBook.MostHolders, 5 + 100 + ShadowBook.MostHolders - 2));
        book.Sum(policyVersion: 2).ShouldBeNull();
    }

    [Fact]
    public void Totals_of_a_former_policy_are_left_out_while_gateways_are_replaced()
    {
        var book = new ShadowBook(new MonotonicClock(new ManualTime()));
        book.Note("old", new ShadowTotals { Requests = 7, AtOnce = 7, Holders = 1, PolicyVersion = 1 }, policyVersion: 1);
        book.Note("new", new ShadowTotals { Requests = 2, AtOnce = 2, Holders = 1, PolicyVersion = 2 }, policyVersion: 2);
        book.Note("old", new ShadowTotals { Requests = 8, AtOnce = 8, Holders = 1, PolicyVersion = 1 }, policyVersion: 2);
        book.Sum(policyVersion: 2)!.Requests.ShouldBe(2);
        book.Note("from before there were versions", new ShadowTotals { Requests = 3, AtOnce = 3, Holders = 1 }, policyVersion: 2);
        book.Sum(policyVersion: 2)!.Requests.ShouldBe(5);
    }

    private static ShadowTotals Totals(int requests) => new()
    {
        Age = TimeSpan.FromSeconds(requests),
        Requests = requests,
        AtOnce = 1,
        Waited = requests / 2,
        WaitedFor = requests / 2 * TimeSpan.FromMilliseconds(2),
        Waits = [new ShadowWaits(8, requests / 2)],
        Refused = [new ShadowRefusals(RefusalReason.QueueFull, requests - 1 - (requests / 2))],
        Holders = 1,
    };

    private static void Deliver(DirectLedger ledger, string holder, long sequence, ShadowTotals? totals) => ledger.Deliver(
        new HolderReport { Holder = holder, Incarnation = 1, Epoch = 1, Sequence = sequence, AppliedDecision = 0, Shadow = totals });
}
