using Admission.Capacity;
using Admission.Dashboard.Feed;
using Admission.Dashboard.Feed.Jobs;
using Admission.Dashboard.Feed.Ledgers;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NSubstitute;

namespace Admission.Dashboard.Tests.Feed.Support;

/// <summary>A feed over ledgers that count how often they are asked, in virtual time.</summary>
internal sealed class FeedHarness : IBackendDirectory
{
    private readonly Dictionary<string, Ledger> _ledgers;

    public FeedHarness(params IEnumerable<string> backends)
    {
        var grains = Substitute.For<IGrainFactory>();
        _ledgers = backends.ToDictionary(id => id, id => new Ledger(), StringComparer.OrdinalIgnoreCase);
        grains.GetGrain<ICapacityGrain>(Arg.Any<string>(), Arg.Any<string?>()).Returns(call => this[CapacityGrainKey.BackendOf(call.ArgAt<string>(0))].Grain);
        List = new BackendList(this, Time);
        Feed = new DashboardFeed(grains, List, new NoJobs(), new ServiceCollection().BuildServiceProvider(), Time, NullLogger<DashboardFeed>.Instance);
        Desk = new DashboardDesk(grains, List, new NoJobs(), Time, NullLogger<DashboardDesk>.Instance);
    }

    public SteppedTime Time { get; } = new();

    public BackendList List { get; }

    public DashboardFeed Feed { get; }

    public DashboardDesk Desk { get; }

    /// <summary>What the list of the backends fails with; null if it does not.</summary>
    public Exception? ListFails { get; set; }

    public int Asked => _ledgers.Values.Sum(ledger => ledger.Glances);

    public Ledger this[string backend] => _ledgers[backend];

    public Task<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellation) =>
        ListFails is { } failure ? Task.FromException<IReadOnlyCollection<string>>(failure) : Task.FromResult<IReadOnlyCollection<string>>(_ledgers.Keys);

    /// <summary>Waits until something is so, while no time passes.</summary>
    public static Task UntilAsync(Func<bool> condition, string what) => Testing.Until.TrueAsync(condition, TimeSpan.FromSeconds(20), () => what);

    /// <summary>Lets seconds pass, each once the feed has come to rest: it has told of a round, and waits for the clock.</summary>
    public async Task PassAsync(int seconds, Func<int> rounds)
    {
        for (var second = 0; second < seconds; second++)
        {
            var before = rounds();
            Time.Advance(TimeSpan.FromSeconds(1));
            await UntilAsync(() => rounds() > before && Time.Pending > 0, $"no round in second {second}");
        }
    }

    /// <summary>Lets time pass in small steps until something is so.</summary>
    public Task DriveAsync(Func<bool> condition, string what) => Testing.Until.TrueAsync(
        () =>
        {
            Time.Advance(TimeSpan.FromMilliseconds(100));
            return condition();
        },
        TimeSpan.FromSeconds(20),
        () => what);

    /// <summary>A ledger as the test says.</summary>
    internal sealed class Ledger
    {
        private int _glances;

        public Ledger()
        {
            Grain = Substitute.For<ICapacityGrain>();
            Grain.GlanceAsync(Arg.Any<long>(), Arg.Any<long>(), Arg.Any<bool>()).Returns(call =>
            {
                Interlocked.Increment(ref _glances);
                Closely = call.Arg<bool>();
                return Answer(Glance);
            });
            Grain.DescribeAsync().Returns(_ => Task.FromResult(Description));
            Grain.WaitingAsync(Arg.Any<WaitingQuery>()).Returns(new WaitingPage { Tickets = [] });
            Grain.DecisionsAsync(Arg.Any<DecisionQuery>()).Returns(new DecisionPage { Decisions = [] });
            Grain.DescribePolicyAsync().Returns(_ => Task.FromResult(Policy));
        }

        public ICapacityGrain Grain { get; }

        /// <summary>The last question was a close look.</summary>
        public bool Closely { get; private set; }

        public int Glances => Volatile.Read(ref _glances);

        public BackendGlance Glance { get; set; } = new() { Epoch = 1, Status = LedgerStatus.Granting, Limit = 4, InUse = 1, Holders = 2, PolicyVersion = 3 };

        public Func<BackendGlance, Task<BackendGlance>> Answer { get; set; } = Task.FromResult;

        public PolicyDescription Policy { get; set; } = new() { Version = 3, Configured = new BackendPolicy { Limit = 4 } };

        public BackendDescription Description { get; set; } = new()
        {
            Epoch = 1, Status = LedgerStatus.Granting, Occupancy = default, Destinations = [], Holders = [], Quarantined = 0, Policy = new BackendPolicy { Limit = 4 }, PolicyVersion = 3,
        };
    }
}
