using FsCheck;
using FsCheck.Fluent;

namespace Admission.Capacity.Tests;

/// <summary>Properties over random operations. A failure prints the smallest sequence that FsCheck finds, and its seed.</summary>
public class PropertyTests
{
    [Fact]
    public void A_priority_queue_serves_by_priority_then_arrival()
    {
        Prop.ForAll(Gen.Choose(-4, 3).ListOf().ToArbitrary(), operations =>
        {
            var queue = new WaiterQueue();
            var model = new List<TestWaiter>();
            foreach (var operation in operations)
            {
                if (operation >= 0)
                {
                    var entry = new TestWaiter { Request = new AdmissionRequest { Priority = operation } };
                    queue.Add(entry);
                    model.Add(entry);
                }
                else if (model.Count > 0)
                {
                    var gone = model[-operation % model.Count];
                    queue.Remove(gone);
                    gone.IsQueued.ShouldBeFalse();
                    model.Remove(gone);
                }

                var ordered = model.OrderBy(entry => entry.Request.Priority).ToList();
                queue.Count.ShouldBe(ordered.Count);
                queue.First.ShouldBe(ordered.FirstOrDefault());
                queue.Last.ShouldBe(ordered.LastOrDefault());
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_pools_permits_add_up_whatever_is_done()
    {
        Prop.ForAll(Gen.Choose(0, 299).ListOf().ToArbitrary(), operations =>
        {
            var permits = new PoolPermits();
            var inUse = new Stack<(PoolDestination Destination, int Weight)>();
            foreach (var operation in operations)
            {
                var weight = 1 + (operation % 3);
                switch (operation % 4)
                {
                    case 0:
                        permits.AddIdle(permits.Find($"d{operation}"), weight);
                        break;
                    case 1 when permits.TryUse(weight) is { } destination:
                        inUse.Push((destination, weight));
                        break;
                    case 2 when inUse.TryPop(out var used):
                        permits.Release(used.Destination, used.Weight);
                        break;
                    case 3:
                        permits.GiveBack(weight);
                        break;
                    default:
                        break;
                }

                permits.InUse.ShouldBe(inUse.Sum(used => used.Weight));
                permits.Idle.ShouldBe(permits.Destinations.Sum(destination => destination.Idle));
                permits.InUse.ShouldBe(permits.Destinations.Sum(destination => destination.InUse));
                permits.Destinations.ShouldAllBe(destination => destination.Idle >= 0 && destination.InUse >= 0);
            }

            while (permits.TryUse(1) is not null)
            {
            }

            permits.Idle.ShouldBe(0, "every idle permit is found");
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_ledger_never_grants_more_than_the_limit_whatever_it_is_told()
    {
        Prop.ForAll(Gen.Choose(0, 9_999).ListOf().ToArbitrary(), operations =>
        {
            var ledger = new DirectLedger(new BackendPolicy { Limit = 5, Overflow = Overflow.Wait, QueueCapacity = 7 });
            var applied = new Dictionary<string, (long Decision, int Held)>();
            foreach (var operation in operations)
            {
                var holder = "h" + (operation % 3);
                var (decision, held) = applied.GetValueOrDefault(holder);
                var released = Math.Min(held, operation / 3 % 3);
                ledger.Report(held - released, held - released, decision, operation / 9 % 4, operation / 36 % 9, holder: holder);
                held -= released;
                if (operation % 2 == 0)
                {
                    // The answer arrives: what it grants is held from now on.
                    held += ledger.LastReply.Decisions.Where(granted => granted.Sequence > decision).Sum(granted => granted.Permits);
                    decision = ledger.LastReply.Decisions.Select(granted => granted.Sequence).Append(decision).Max();
                }

                applied[holder] = (decision, held);
                ledger.Booked.ShouldBeLessThanOrEqualTo(5);
                applied.Values.Sum(entry => entry.Held).ShouldBeLessThanOrEqualTo(ledger.Booked);
                LedgerInvariants.Check(ledger.Describe());
            }
        }).QuickCheckThrowOnFailure();
    }
}
