using Admission.EndToEnd.Cluster.Leases;
using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster;

/// <summary>The judge of leases finds what is planted, and nothing else.</summary>
public sealed class LeaseJudgeTests
{
    private const long Second = 1_000_000_000;

    /// <summary>A lease lasts 10 s: 9 at its holder, 11 at the ledger.</summary>
    private static readonly LeasedPlan Plan = new("sessions", 2, TimeSpan.FromSeconds(10));

    [Fact]
    public void Counts_sessions_by_the_servers_log_and_finds_one_too_many()
    {
        const string Log =
            """
            <10 100.000> LOG:  connection received: host=[local]
            <10 100.001> LOG:  connection authorized: user=leased database=postgres
            <11 101.000> LOG:  connection authorized: user=leased database=postgres
            <12 101.500> LOG:  connection authorized: user=writer database=postgres
            <12 101.600> LOG:  disconnection: session time: 0:00:00.100 user=writer database=postgres host=[local]
            <10 103.001> LOG:  disconnection: session time: 0:00:03.000 user=leased database=postgres host=[local]
            <13 103.001> LOG:  connection authorized: user=leased database=postgres
            <13 103.501> FATAL:  terminating connection due to idle-session timeout
            """;
        var log = SessionLog.Of(Log, "user=leased ");
        (log.Sessions, log.Greatest).ShouldBe((3, 2));
        log.TimeAt[2].ShouldBe(2.001, tolerance: 0.0001);
        LeaseJudge.OfSessions(log, 2).ShouldBeEmpty();
        var more = SessionLog.Of($"{Log}\n<10 104.000> LOG:  connection authorized: user=leased database=postgres", "user=leased ");
        LeaseJudge.OfSessions(more, 2).ShouldHaveSingleItem().ShouldContain("3 sessions at once");
    }

    [Fact]
    public void Finds_more_leases_in_use_than_the_limit()
    {
        LeaseRecord[] two = [Lease("a", 1, asked: 0), Lease("b", 2, asked: 1)];
        LeaseJudge.OfHolding([.. two, Lease("c", 3, asked: 9)], 2).ShouldBeEmpty();
        LeaseJudge.OfHolding([.. two, Lease("c", 3, asked: 8)], 2).ShouldHaveSingleItem().ShouldContain("3 of 2");

        // Renewed, a lease goes on; given back it does not.
        LeaseJudge.OfHolding([Renewed(two[0], 3, 200), two[1], Lease("c", 3, asked: 9)], 2).ShouldHaveSingleItem();
        two[1].GivenBack = 2 * Second;
        LeaseJudge.OfHolding([.. two, Lease("c", 3, asked: 8)], 2).ShouldBeEmpty();
    }

    [Fact]
    public void What_a_lease_has_waited_counts_for_its_time_and_a_late_answer_does_not()
    {
        var waited = new LeaseRecord("sessions", "holder1", "a", new(0, 30 * Second, 1, 1, 3 * Second, 9 * Second, 0));
        waited.Until.ShouldBe(12 * Second);
    }

    [Fact]
    public void A_token_is_used_once_and_is_higher_than_all_that_were_told_before()
    {
        LeaseJudge.OfTokens([Lease("a", 1, asked: 0), Lease("b", 2, asked: 1)]).ShouldBeEmpty();

        // Asked for before the other was told, so there was no before.
        LeaseJudge.OfTokens([Lease("a", 2, asked: 0), new("sessions", "holder1", "b", new(0, 5 * Second, 1, 1, 0, 9 * Second, 0))]).ShouldBeEmpty();
        LeaseJudge.OfTokens([Lease("a", 2, asked: 0), Lease("b", 1, asked: 1)]).ShouldHaveSingleItem().ShouldContain("is lower");
        LeaseJudge.OfTokens([Lease("a", 2, asked: 0), Lease("b", 2, asked: 1)]).First().ShouldContain("one fencing token");
        LeaseJudge.OfTokens([Lease("a", 1, asked: 0, epoch: 3), Lease("b", 2, asked: 1, epoch: 2)]).ShouldHaveSingleItem();
    }

    [Fact]
    public void No_older_token_writes_after_a_newer_one_and_only_who_was_stopped_is_refused()
    {
        LeaseRecord[] leases = [Lease("a", 1, asked: 0), Lease("b", 2, asked: 1)];
        FencedWrite[] writes = [Write("a", 1), Write("b", 2), Write("a", 1, isAccepted: false)];
        LeaseJudge.OfWrites(writes, leases, [new("holder1", 2 * Second, 20 * Second)]).ShouldBeEmpty();
        LeaseJudge.OfWrites(writes, leases, [new("holder2", 2 * Second, 20 * Second)]).ShouldHaveSingleItem().ShouldContain("never stood still");
        LeaseJudge.OfWrites([Write("a", 1), Write("b", 2), Write("a", 1)], leases, []).ShouldHaveSingleItem().ShouldContain("was taken after 2");
        LeaseJudge.OfWrites([Write("a", 1), Write("b", 2, isAccepted: false)], leases, []).ShouldHaveSingleItem().ShouldContain("no newer one");
        LeaseJudge.OfWrites([Write("a", 2)], leases, []).ShouldHaveSingleItem().ShouldContain("with the token 2");
    }

    [Fact]
    public void A_lease_is_lost_only_by_a_holder_that_was_stopped_or_while_its_ledger_was_away()
    {
        var lease = Lease("a", 1, asked: 0);
        LeaseJudge.OfLosses([lease], Plan, [], []).ShouldBeEmpty();
        lease.Lost = 9 * Second;
        LeaseJudge.OfLosses([lease], Plan, [], []).ShouldHaveSingleItem().ShouldContain("was lost");
        LeaseJudge.OfLosses([lease], Plan, [new("holder1", 4 * Second, 8 * Second)], []).ShouldBeEmpty();
        LeaseJudge.OfLosses([lease], Plan, [new("holder2", 4 * Second, 8 * Second)], []).ShouldHaveSingleItem();
        LeaseJudge.OfLosses([lease], Plan, [], [new("silo1", 4 * Second, 8 * Second)]).ShouldBeEmpty();
        LeaseJudge.OfLosses([lease], Plan, [], [new("silo1", 10 * Second, 20 * Second)]).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_lease_that_was_granted_with_next_to_nothing_left_was_never_there_to_be_lost()
    {
        var late = new LeaseRecord("sessions", "holder1", "a", new(0, 7 * Second, 1, 1, 0, 9 * Second, 0)) { Lost = 9 * Second };
        LeaseJudge.OfLosses([late], Plan, [], []).ShouldBeEmpty();
        LeaseJudge.OfLosses([Renewed(late, 10, 200)], Plan, [], []).ShouldBeEmpty();
        LeaseJudge.OfLosses([Renewed(late, 8, 200)], Plan, [], []).ShouldHaveSingleItem();
        LeaseJudge.OfLosses([new("sessions", "holder1", "a", new(0, 5 * Second, 1, 1, 0, 9 * Second, 0)) { Lost = 9 * Second }], Plan, [], []).ShouldHaveSingleItem();
    }

    [Fact]
    public void Gone_is_only_said_when_the_lease_is_over_and_unknown_never()
    {
        LeaseJudge.OfEnds([Released(410, at: 12)], Plan).ShouldBeEmpty();
        LeaseJudge.OfEnds([Released(204, at: 12)], Plan).ShouldBeEmpty();
        LeaseJudge.OfEnds([Released(410, at: 10)], Plan).ShouldHaveSingleItem().ShouldContain("10.00 s after its last renewal");
        LeaseJudge.OfEnds([Renewed(Released(410, at: 12), 3, 200)], Plan).ShouldHaveSingleItem().ShouldContain("9.00 s after");
        LeaseJudge.OfEnds([Released(404, at: 50)], Plan).ShouldHaveSingleItem().ShouldContain("404");
        LeaseJudge.OfEnds([Renewed(Lease("a", 1, asked: 0), 3, 410)], Plan).ShouldHaveSingleItem();

        // A renewal that is overtaken by the release.
        LeaseJudge.OfEnds([Renewed(Released(204, at: 2), 3, 410)], Plan).ShouldBeEmpty();
    }

    [Fact]
    public void A_refusal_has_to_be_for_want_of_room_or_of_the_ledger()
    {
        LeaseJudge.OfRefusals(new Dictionary<string, int> { ["queue-full"] = 3, ["recovering"] = 1 }).ShouldBeEmpty();
        LeaseJudge.OfRefusals(new Dictionary<string, int> { ["401"] = 1 }).ShouldHaveSingleItem().ShouldContain("401");
    }

    [Fact]
    public void Reads_what_holders_write()
    {
        var journal = LeaseJournal.Read(
            [
                "G 1000 holder2 sessions 1-abc 900 1 7 50 8000 3", "R 2000 holder2 sessions 1-abc 1900 200 9000", "R 3000 holder2 sessions 1-abc 2900 503 0", "L 4000 holder2 sessions 1-abc",
                "C 4100 holder2 sessions 1-abc 57P05", "E 4800 holder2 sessions 1-abc", "D 5000 holder2 sessions 1-abc 4900 410", "N 6000 holder2 writer - queue-full", "F 7000 holder2 writer - renew TimeoutError",
            ],
            gateways: 4);
        var lease = journal.Leases.ShouldHaveSingleItem();
        lease.Grant.ShouldBe(new(900, 1000, 1, 7, 50, 8000, Gateway: 0));
        (lease.Until, lease.Lost, lease.End).ShouldBe((10900, 4000, 4800));
        lease.Release.ShouldBe(new LeaseRenewal(4900, 5000, 410));
        (journal.Refusals["queue-full"], journal.Failures["renew TimeoutError"], journal.Cuts["57P05"]).ShouldBe((1, 1, 1));
        Should.Throw<InvalidDataException>(() => LeaseJournal.Read(["? 1000 holder2 sessions -"], 4));
    }

    private static LeaseRecord Lease(string id, long number, double asked, long epoch = 1)
    {
        var time = (long)(asked * Second);
        return new("sessions", id == "a" ? "holder1" : "holder2", id, new(time, time, epoch, number, 0, 9 * Second, 0));
    }

    private static LeaseRecord Renewed(LeaseRecord lease, int at, int status)
    {
        lease.Renewals.Add(new(at * Second, at * Second, status, status == 200 ? 9 * Second : 0));
        return lease;
    }

    private static LeaseRecord Released(int status, int at)
    {
        var lease = Lease("a", 1, asked: 0);
        (lease.GivenBack, lease.Release) = (at * Second, new(at * Second, at * Second, status));
        return lease;
    }

    private static FencedWrite Write(string lease, long number, bool isAccepted = true) => new(0, number, lease == "a" ? "holder1" : "holder2", lease, isAccepted);
}
