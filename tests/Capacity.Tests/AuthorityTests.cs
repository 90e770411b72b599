namespace Admission.Capacity.Tests;

/// <summary>A ledger whose host renews its authority.</summary>
public class AuthorityTests
{
    private static readonly BackendPolicy Policy = new() { Limit = 2, LeaseTtl = TimeSpan.FromSeconds(10), RunTimeout = TimeSpan.FromSeconds(20) };
    private static readonly LedgerOptions Options = new() { RenewedByWrites = false, AuthorityTtl = TimeSpan.FromSeconds(10) };

    private readonly ManualTime _time = new();
    private readonly CapacityLedger _ledger;

    public AuthorityTests() =>
        _ledger = new CapacityLedger(new LedgerState { Epoch = 1, Policy = Policy, PolicyVersion = 1 }, _time.GetTimestamp(), _time, Options);

    [Fact]
    public void A_renewal_counts_from_when_it_began_however_late_its_answer_is()
    {
        _time.Advance(TimeSpan.FromSeconds(4));
        var began = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(5));
        _ledger.EndRenewal(began, stillOurs: true);

        _ledger.AuthorityLeft.ShouldBe(TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(5));
        _ledger.Describe().Status.ShouldBe(LedgerStatus.NoAuthority);
        _ledger.EndRenewal(began, stillOurs: true);
        _ledger.Describe().Status.ShouldBe(LedgerStatus.NoAuthority);
        _ledger.EndRenewal(_time.GetTimestamp(), stillOurs: true);
        _ledger.Describe().Status.ShouldBe(LedgerStatus.Granting);
    }

    [Fact]
    public void A_ledger_that_is_not_the_highest_any_more_steps_down_for_good()
    {
        _ledger.EndRenewal(_time.GetTimestamp(), stillOurs: false);
        _ledger.SteppedDown.ShouldBeTrue();
        _ledger.EndRenewal(_time.GetTimestamp(), stillOurs: true);
        _ledger.Describe().Status.ShouldBe(LedgerStatus.NoAuthority);
        _ledger.AuthorityLeft.ShouldBe(TimeSpan.Zero);
    }

    [Fact]
    public void Nothing_is_written_only_to_keep_the_authority()
    {
        Register("a");
        for (var second = 0; second < 10; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _ledger.EndRenewal(_time.GetTimestamp(), stillOurs: true);
            _ledger.Tick();
            _ledger.StoreNeeded.ShouldBeFalse();
        }

        _time.Advance(TimeSpan.FromSeconds(10));
        _ledger.Receive(Report("a", 3)).Status.ShouldBe(LedgerStatus.NoAuthority);
        _ledger.StoreNeeded.ShouldBeFalse();
    }

    [Fact]
    public void What_a_lost_holder_had_is_freed_by_a_write_and_by_no_renewal()
    {
        Register("a", held: 2);
        for (var second = 0; second < 40; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            _ledger.EndRenewal(_time.GetTimestamp(), stillOurs: true);
            _ledger.Tick();
        }

        _ledger.Describe().Quarantined.ShouldBe(2);
        _ledger.StoreNeeded.ShouldBeTrue();
        _ledger.EndStore(_ledger.BeginStore(), StoreOutcome.Stored);
        _ledger.Describe().Quarantined.ShouldBe(0);
    }

    [Fact]
    public void An_epoch_may_be_claimed_far_above_the_record_but_never_at_or_below_it()
    {
        var record = new LedgerState { Epoch = 4 };
        record.NextEpoch(9, default).Epoch.ShouldBe(9);
        Should.Throw<ArgumentOutOfRangeException>(() => record.NextEpoch(4, default));
    }

    [Fact]
    public void The_record_tells_the_longest_authority_before_its_owner_has_any()
    {
        var record = new LedgerState { Epoch = 4, AuthorityTtl = TimeSpan.FromSeconds(15) };
        record.NextEpoch(5, TimeSpan.FromSeconds(60)).AuthorityTtl.ShouldBe(TimeSpan.FromSeconds(60), "A successor waits for this owner.");
        record.NextEpoch(5, TimeSpan.FromSeconds(5)).AuthorityTtl.ShouldBe(TimeSpan.FromSeconds(15), "And for the one before, which may not know yet that it is over.");
    }

    private void Register(string holder, int held = 0)
    {
        _ledger.Receive(Report(holder, 1)).Status.ShouldBe(LedgerStatus.Registering);
        _ledger.EndStore(_ledger.BeginStore(), StoreOutcome.Stored);
        _ledger.Receive(Report(holder, 2, held)).Status.ShouldBe(LedgerStatus.Granting);
    }

    private static HolderReport Report(string holder, long sequence, int held = 0) => new()
    {
        Holder = holder, Incarnation = 1, Epoch = 1, Sequence = sequence, AppliedDecision = 0, Held = held == 0 ? [] : [new HeldPermits("", held, held)],
    };
}
