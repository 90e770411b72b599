using FsCheck;
using FsCheck.Fluent;

namespace Admission.Capacity.Tests;

/// <summary>Whatever happens, every refusal's ticket tells the reason that its client was given.</summary>
public class ExplainPropertyTests
{
    private static readonly BackendPolicy Policy = new()
    {
        Limit = 3,
        Overflow = Overflow.Wait,
        QueueCapacity = 4,
        MaxWait = TimeSpan.FromSeconds(2),
        ExplainWaitsOver = TimeSpan.FromMilliseconds(400),
        RunTimeout = TimeSpan.FromSeconds(1),
        Order = new QueueOrder { Levels = [new QueueLevel("background", Priorities.Background, 20)], Tenants = [new TenantRule("b", 1, 1)] },
    };

    [Theory]
    [InlineData(Overflow.Wait)]
    [InlineData(Overflow.Refuse)]
    public void Every_refusal_and_every_long_wait_is_explained(Overflow overflow) =>
        Prop.ForAll(Gen.Choose(0, 9_999).ListOf().ToArbitrary(), operations =>
        {
            var run = new Run(Policy with { Overflow = overflow });
            foreach (var operation in operations)
            {
                run.Do(operation);
            }

            run.Check();
        }).QuickCheckThrowOnFailure();

    private sealed class Run(BackendPolicy policy)
    {
        private readonly MiniCluster _cluster = new(policy);
        private readonly List<(string Holder, Asked Asked)> _decided = [];
        private readonly List<(string Holder, PoolResult Result)> _running = [];
        private readonly List<(string Holder, TestWaiter Waiter)> _waiting = [];

        public void Do(int operation)
        {
            var holder = "h" + (operation / 10 % 3);
            switch (operation % 10)
            {
                case 0 when _running.Count > 0:
                    var (owner, permit) = _running[operation / 30 % _running.Count];
                    _running.Remove((owner, permit));
                    _cluster.Release(owner, permit);
                    break;
                case 1:
                    _cluster.Advance(TimeSpan.FromMilliseconds(operation / 10 % 1_000));
                    break;
                case 2:
                    if (!_cluster.CutOff.Remove(holder))
                    {
                        _cluster.Lose(holder);
                    }

                    break;
                case 3 when operation % 7 == 0:
                    _cluster.HandOver();
                    break;
                default:
                    Ask(holder, new AdmissionRequest
                    {
                        Weight = 1 + (operation / 30 % 9 == 0 ? 3 : 0),
                        Tenant = operation % 3 == 0 ? null : operation % 3 == 1 ? "a" : "b",
                        Priority = operation / 270 % 2 == 0 ? Priorities.Normal : Priorities.Background,
                        MaxWait = operation % 11 == 0 ? TimeSpan.FromMilliseconds(operation % 300) : null,
                    });
                    break;
            }

            Look();
        }

        public void Check()
        {
            _cluster.CutOff.Clear();
            _cluster.Advance(TimeSpan.FromSeconds(15));
            Look();
            foreach (var (holder, asked) in _decided)
            {
                asked.Ticket.IsNone.ShouldBeFalse("every refusal has a ticket");
                Explained(holder, asked).ShouldBe(asked.Refusal?.Reason ?? RefusalReason.None);
            }

            _decided.Select(decided => decided.Asked.Ticket).ShouldBeUnique();
            _cluster.Ledger.Decisions(new DecisionQuery { Count = int.MaxValue }).Decisions.Length.ShouldBeLessThanOrEqualTo(DecisionQuery.Most);
        }

        private void Ask(string holder, AdmissionRequest request)
        {
            var waiter = new TestWaiter();
            var asked = _cluster.Ask(holder, waiter, request);
            if (asked.Result.Answer == PoolAnswer.Waiting)
            {
                _waiting.Add((holder, waiter));
            }
            else
            {
                Note(holder, asked);
            }
        }

        private void Look()
        {
            foreach (var (holder, waiter) in _waiting.Where(each => each.Waiter.Result is not null))
            {
                Note(holder, waiter.Decided());
            }

            _waiting.RemoveAll(each => each.Waiter.Result is not null);
        }

        private void Note(string holder, Asked asked)
        {
            if (asked.Result.Answer == PoolAnswer.Admitted)
            {
                _running.Add((holder, asked.Result));
            }

            if (asked.Result.Answer == PoolAnswer.Refused || !asked.Ticket.IsNone)
            {
                _decided.Add((holder, asked));
                Explained(holder, asked).ShouldBe(asked.Refusal?.Reason ?? RefusalReason.None, "at once");
            }
        }

        private RefusalReason Explained(string holder, in Asked asked)
        {
            var text = asked.Ticket.ToString();
            TicketId.TryParse(text, out var ticket).ShouldBeTrue();
            var explained = TicketExplanation.Merge(_cluster.Ledger.Explain(ticket), _cluster.Pool(holder).Explain(ticket))!;
            return explained.Source switch
            {
                // The ledger refused a ticket that a holder, cut off from it, has served from its own permits, and nobody has the holder's record any more.
                ExplanationSource.Record when asked.Result.Answer == PoolAnswer.Admitted && !explained.Record!.ByHolder && _cluster.Pool(holder).Explain(ticket)?.Record is null => RefusalReason.None,
                ExplanationSource.Record => explained.Record!.Reason,
                ExplanationSource.Notice or ExplanationSource.Ticket => ticket.Reason,

                // A wait whose record went with the ledger that had it: it was served, and its client has been told all there is.
                ExplanationSource.Unknown when asked.Result.Answer == PoolAnswer.Admitted => RefusalReason.None,
                _ => throw new InvalidOperationException($"{text} of {holder}: {explained.Source}"),
            };
        }
    }
}
