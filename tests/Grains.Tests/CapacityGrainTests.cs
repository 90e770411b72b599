using Admission.Capacity;
using Admission.Grains.Authority;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;
using Orleans.Storage;
using Orleans.TestKit;

namespace Admission.Grains.Tests;

public class CapacityGrainTests : TestKitBase
{
    private static readonly BackendPolicy Policy = new() { Limit = 1, Overflow = Overflow.Wait, QueueCapacity = 5 };

    private readonly StoreProbe _store = new();
    private readonly ManualTime _time = new();
    private readonly ICapacityObserver _observer = Substitute.For<ICapacityObserver>();

    public CapacityGrainTests()
    {
        Silo.AddService<TimeProvider>(_time);
        Silo.AddService<IEpochAuthority>(new RecordAuthority());
        Silo.AddService<ILogger<CapacityGrain>>(NullLogger<CapacityGrain>.Instance);
        Silo.AddService<IOptions<CapacityGrainOptions>>(Options.Create(new CapacityGrainOptions()));
        Silo.AddPersistentStateStorage("ledger", CapacityGrain.StorageName, _store);
    }

    [Fact]
    public async Task Writes_the_next_epoch_before_anything_else()
    {
        _store.Stored = new LedgerState { Epoch = 4, Policy = Policy };
        var grain = await Silo.CreateGrainAsync<CapacityGrain>(CapacityGrainKey.Of("b"));
        _store.Stored.Epoch.ShouldBe(5);
        (await grain.DescribeAsync()).Epoch.ShouldBe(5);
    }

    [Fact]
    public async Task A_key_of_another_making_does_not_become_a_second_ledger()
    {
        await Should.ThrowAsync<ArgumentException>(() => Silo.CreateGrainAsync<CapacityGrain>("b"));
        _store.Stored.Epoch.ShouldBe(0);
    }

    [Fact]
    public async Task Stores_a_life_before_it_grants_to_it()
    {
        var grain = await GrainWithPolicyAsync();
        (await grain.ExchangeAsync(Report("a", epoch: 0, sequence: 1), _observer)).Status.ShouldBe(LedgerStatus.NewEpoch);
        _store.Stored.Lives.ShouldBeEmpty();

        var reply = await grain.ExchangeAsync(Report("a", sequence: 2, ticket: 1), _observer);

        reply.Decisions.First().Kind.ShouldBe(DecisionKind.Grant);
        _store.Stored.Lives.ShouldBe([new StoredLife("a", 1)]);
    }

    [Fact]
    public async Task Does_not_grant_to_a_life_that_could_not_be_stored()
    {
        var grain = await GrainWithPolicyAsync();
        _store.Failure = new IOException("The disk is full.");

        var reply = await grain.ExchangeAsync(Report("a", sequence: 1, ticket: 1), _observer);
        reply.Status.ShouldBe(LedgerStatus.Registering);
        reply.Decisions.ShouldBeEmpty();

        _store.Failure = null;
        (await grain.ExchangeAsync(Report("a", sequence: 1, ticket: 1), _observer)).Decisions.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Steps_down_when_storage_has_a_higher_epoch()
    {
        var grain = await GrainWithPolicyAsync();
        _store.Stored = _store.Stored with { Epoch = 9 };
        _store.Failure = new InconsistentStateException("Somebody else wrote.");

        var reply = await grain.ExchangeAsync(Report("a", sequence: 1, ticket: 1), _observer);

        reply.Status.ShouldBe(LedgerStatus.NoAuthority);
        (await grain.DescribeAsync()).Status.ShouldBe(LedgerStatus.NoAuthority);
        _store.Stored.Epoch.ShouldBe(9);
    }

    [Fact]
    public async Task Stores_a_policy_once_and_says_what_is_wrong_with_a_bad_one()
    {
        var grain = await GrainWithPolicyAsync();
        var writes = _store.Writes;
        (await grain.ApplyPolicyAsync(Policy with { })).Errors.ShouldBeEmpty();
        _store.Writes.ShouldBe(writes);

        var answer = await grain.ApplyPolicyAsync(Policy with { Limit = -3, RunTimeout = TimeSpan.Zero });
        answer.Errors.Length.ShouldBe(2);
        _store.Stored.Policy!.Limit.ShouldBe(1);
    }

    [Fact]
    public async Task Stores_what_an_operator_changes_with_who_and_when_and_keeps_it_when_the_configuration_comes_again()
    {
        var grain = await GrainWithPolicyAsync();
        var answer = await grain.AdjustPolicyAsync(Adjusted(1, 7));
        answer.Version.ShouldBe(2);
        _store.Stored.Adjustment!.Limit.ShouldBe(7);
        _store.Stored.Policy!.Limit.ShouldBe(1);
        var change = _store.Stored.PolicyHistory!.Last();
        (change.By, change.At, change.Version).ShouldBe(("eve", _time.GetUtcNow(), 2L));
        (await grain.ApplyPolicyAsync(Policy with { })).Version.ShouldBe(2);
        (await grain.DescribeAsync()).Occupancy.Limit.ShouldBe(7);
        (await grain.AdjustPolicyAsync(Adjusted(1, 8))).IsStale.ShouldBeTrue();
        (await grain.DescribePolicyAsync()).Adjustment!.Limit.ShouldBe(7);
    }

    [Fact]
    public async Task A_change_that_cannot_be_stored_is_not_in_force_and_its_operator_hears_so()
    {
        var grain = await GrainWithPolicyAsync();
        _store.Failure = new IOException("The disk is full.");
        (await Should.ThrowAsync<OrleansException>(() => grain.AdjustPolicyAsync(Adjusted(1, 7)))).Message.ShouldContain("is not in force; it will be");
        (await grain.DescribeAsync()).Occupancy.Limit.ShouldBe(1);
        (await Should.ThrowAsync<OrleansException>(() => grain.AdjustPolicyAsync(Adjusted(2, 8)))).Message.ShouldContain("Nothing was changed");
        _store.Failure = null;
        (await grain.AdjustPolicyAsync(Adjusted(2, 9))).Version.ShouldBe(3);
        _store.Stored.Adjustment!.Limit.ShouldBe(9);
    }

    [Fact]
    public async Task Pushes_the_grant_to_the_holder_whose_ticket_waited()
    {
        var grain = await GrainWithPolicyAsync();
        var waiting = Substitute.For<ICapacityObserver>();
        await grain.ExchangeAsync(Report("a", sequence: 1, ticket: 1), _observer);
        await grain.ExchangeAsync(Report("a", sequence: 2, held: 1, applied: 1), _observer);
        await grain.ExchangeAsync(Report("b", sequence: 1, ticket: 1), waiting);
        await _observer.Received(1).PushAsync(Arg.Is<LedgerMessage>(message => message.Contended));

        await grain.ExchangeAsync(Report("a", sequence: 3, applied: 1), _observer);

        await waiting.Received(1).PushAsync(Arg.Is<LedgerMessage>(message => message.Decisions.Any(decision => decision.Ticket == 1)));
    }

    [Fact]
    public async Task Ends_a_lease_by_its_timer()
    {
        var grain = await GrainWithPolicyAsync();
        await grain.ExchangeAsync(Report("a", sequence: 1, ticket: 1), _observer);
        _time.Advance(TimeSpan.FromSeconds(11.1));
        await FireActiveTimerAsync();

        var description = await grain.DescribeAsync();
        description.Holders.ShouldBeEmpty();
        description.Quarantined.ShouldBe(1);
        _store.Stored.Quarantined.Single().Permits.ShouldBe(1);
    }

    [Fact]
    public async Task Leaves_the_whole_ledger_to_its_successor()
    {
        var grain = await GrainWithPolicyAsync();
        await grain.ExchangeAsync(Report("a", sequence: 1, ticket: 1), _observer);
        await Silo.DeactivateAsync(grain);

        var handover = _store.Stored.Handover.ShouldNotBeNull();
        handover.Accounts.Single().Booked.Single().Held.ShouldBe(1);
    }

    /// <summary>The kit keeps disposed timers too, and firing one throws; the active one is the one that does not.</summary>
    private async Task FireActiveTimerAsync()
    {
        Silo.TimerRegistry.NumberOfActiveTimers.ShouldBe(1);
        for (var index = 0; ; index++)
        {
            try
            {
                await Silo.FireTimerAsync(index);
                return;
            }
            catch (ObjectDisposedException)
            {
                // Replaced by an earlier one.
            }
        }
    }

    private async Task<CapacityGrain> GrainWithPolicyAsync()
    {
        var grain = await Silo.CreateGrainAsync<CapacityGrain>(CapacityGrainKey.Of("b"));
        (await grain.ApplyPolicyAsync(Policy)).Errors.ShouldBeEmpty();
        return grain;
    }

    private static AdjustmentRequest Adjusted(long version, int limit) =>
        new() { ExpectedVersion = version, Adjustment = new PolicyAdjustment { Limit = limit }, By = "eve" };

    private static HolderReport Report(string holder, long sequence, long epoch = 1, int held = 0, long applied = 0, long ticket = 0) => new()
    {
        Holder = holder,
        Incarnation = 1,
        Epoch = epoch,
        Sequence = sequence,
        AppliedDecision = applied,
        Held = held == 0 ? [] : [new HeldPermits("", held, held)],
        Tickets = ticket == 0 ? [] : [new TicketRequest(ticket, 1, Priorities.Normal, null, TimeSpan.FromMinutes(1))],
    };
}
