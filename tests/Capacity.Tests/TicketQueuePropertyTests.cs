using FsCheck;
using FsCheck.Fluent;

namespace Admission.Capacity.Tests;

/// <summary>What holds of the queue's order whatever comes and goes.</summary>
public class TicketQueuePropertyTests
{
    private static readonly QueueOrder Order = new()
    {
        Levels = [new QueueLevel("normal", 10, 30), new QueueLevel("background", 20, 15)],
        Tenants = [new TenantRule("t1", 3, null), new TenantRule("t2", 1, 4)],
    };

    private static readonly int[] Levels = [0, 10, 20];
    private static readonly int[] Weights = [1, 3, 1];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(40)]
    public void Order_shares_and_fairness_hold_whatever_comes_and_goes(int burst) =>
        Prop.ForAll(Gen.Choose(0, 99_999).ListOf(600).ToArbitrary(), operations => new Model(burst).Run(operations))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Soak.IsOn ? 400 : 25));

    [Fact]
    public void What_is_foretold_is_what_happens() =>
        Prop.ForAll(Gen.Choose(0, 99_999).ListOf(60).ToArbitrary(), operations =>
        {
            var builder = new QueueBuilder(Order with { Levels = [] });
            foreach (var operation in operations)
            {
                builder.Add($"t{operation % 3}", 10, 1 + (operation / 3 % 3));
                if (operation % 5 == 0)
                {
                    builder.Serve();
                }
            }

            var foretold = builder.Queue.InOrder().ToList();
            foretold.Count.ShouldBeLessThanOrEqualTo(builder.Queue.Count);
            foreach (var ticket in foretold)
            {
                builder.Queue.Next.ShouldBe(ticket);
                builder.Queue.Serve(ticket);
                if (ticket.Request.Tenant == "t2")
                {
                    builder.Queue.Book("t2", ticket.Request.Weight);
                }
            }

            builder.Queue.Next.ShouldBeNull();
        }).QuickCheckThrowOnFailure();

    /// <summary>The queue beside a list of what waits, and what each pair of tenants and each priority was granted while it waited.</summary>
    private sealed class Model(int burst)
    {
        private const int Heaviest = 3;
        private readonly QueueBuilder _builder = new(Order with { TenantBurst = burst, Tenants = [new TenantRule("t1", 3, null)] });
        private readonly List<QueuedTicket> _waiting = [];
        private readonly Dictionary<(int Level, int One, int Other), (double Difference, double Least, double Most)> _pairs = [];
        private readonly Dictionary<int, (long All, long Own, double Least)> _granted = [];

        public void Run(IEnumerable<int> operations)
        {
            foreach (var operation in operations)
            {
                switch (operation % 8)
                {
                    case < 4:
                        _waiting.Add(_builder.Add($"t{operation / 8 % 3}", Levels[operation / 24 % 3], 1 + (operation / 72 % Heaviest)));
                        break;
                    case < 7:
                        Serve();
                        break;
                    default:
                        GiveUp(operation / 8);
                        break;
                }

                Check();
            }
        }

        private void Serve()
        {
            if (_builder.Queue.Next is not { } ticket)
            {
                _waiting.ShouldBeEmpty();
                return;
            }

            _waiting.First(other => other.Request.Priority == ticket.Request.Priority && other.Request.Tenant == ticket.Request.Tenant).ShouldBe(ticket, "first come");
            NoteGrant(ticket);
            _builder.Queue.Serve(ticket);
            _waiting.Remove(ticket);
        }

        private void GiveUp(int which)
        {
            if (_waiting.Count > 0)
            {
                var ticket = _waiting[which % _waiting.Count];
                _builder.Queue.Remove(ticket);
                _waiting.Remove(ticket);
            }
        }

        private void NoteGrant(QueuedTicket ticket)
        {
            var weight = ticket.Request.Weight;
            foreach (var level in Levels.Where(level => Waits(level)))
            {
                var (all, own, least) = _granted.GetValueOrDefault(level);
                _granted[level] = (all + weight, own + (ticket.Request.Priority == level ? weight : 0), least);
            }

            foreach (var (level, one, other) in _pairs.Keys.ToList())
            {
                if (level != ticket.Request.Priority)
                {
                    continue;
                }

                var (difference, least, most) = _pairs[(level, one, other)];
                difference += ticket.Request.Tenant == $"t{one}" ? weight / (double)Weights[one] : ticket.Request.Tenant == $"t{other}" ? -weight / (double)Weights[other] : 0;
                _pairs[(level, one, other)] = (difference, Math.Min(least, difference), Math.Max(most, difference));
            }
        }

        private void Check()
        {
            _builder.Queue.Count.ShouldBe(_waiting.Count);
            _builder.Queue.Weight.ShouldBe(_waiting.Sum(ticket => (long)ticket.Request.Weight));
            if (_waiting.Count > 0)
            {
                CheckVictim();
            }

            foreach (var level in Levels)
            {
                CheckShare(level);
                for (var one = 0; one < 3; one++)
                {
                    for (var other = one + 1; other < 3; other++)
                    {
                        CheckPair(level, one, other);
                    }
                }
            }
        }

        /// <summary>Over every stretch of time in which a priority waits: its share of the permits, less a largest ticket for each priority with a share, and one.</summary>
        private void CheckShare(int level)
        {
            if (!Waits(level))
            {
                _granted.Remove(level);
                return;
            }

            var (all, own, most) = _granted.GetValueOrDefault(level);
            var owed = (all * Order.ShareOf(level) / 100.0) - own;
            (owed - Math.Min(most, owed)).ShouldBeLessThanOrEqualTo(3 * Heaviest, $"priority {level}");
            _granted[level] = (all, own, Math.Min(most, owed));
        }

        /// <summary>Over every stretch of time in which both wait: at most one largest ticket of each apart, and the credit, once.</summary>
        private void CheckPair(int level, int one, int other)
        {
            if (!Waits(level, one) || !Waits(level, other))
            {
                _pairs.Remove((level, one, other));
                return;
            }

            var (_, least, most) = _pairs.TryGetValue((level, one, other), out var pair) ? pair : _pairs[(level, one, other)] = default;
            (most - least).ShouldBeLessThanOrEqualTo((Heaviest / (double)Weights[one]) + (Heaviest / (double)Weights[other]) + (burst / (double)Math.Min(Weights[one], Weights[other])) + 1e-9);
        }

        private void CheckVictim()
        {
            var (ticket, reason) = _builder.Queue.Victim(_waiting.Count - 1);
            var level = _waiting.Where(other => other.Request.Priority == ticket.Request.Priority).ToList();
            level.Last(other => other.Request.Tenant == ticket.Request.Tenant).ShouldBe(ticket, "the youngest of its tenant");
            var parts = level.GroupBy(other => other.Request.Tenant!).ToDictionary(tenant => tenant.Key, tenant => tenant.Count() / (double)Weights[tenant.Key[1] - '0']);
            parts.Values.Max().ShouldBe(parts[ticket.Request.Tenant!], 1e-9);
            if (reason == RefusalReason.Displaced)
            {
                _waiting.ShouldContain(other => other.Request.Priority < ticket.Request.Priority);
            }
        }

        private bool Waits(int level) => _waiting.Exists(ticket => ticket.Request.Priority == level);

        private bool Waits(int level, int tenant) => _waiting.Exists(ticket => ticket.Request.Priority == level && ticket.Request.Tenant == $"t{tenant}");
    }
}
