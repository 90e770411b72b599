using Admission.Capacity;
using Admission.Dashboard.Feed;
using Admission.Dashboard.Tests.Feed.Support;
using NSubstitute;

namespace Admission.Dashboard.Tests.Feed;

/// <summary>What an operator does, and is told.</summary>
public sealed class DeskTests
{
    private readonly FeedHarness _harness = new("one", "two");

    private ICapacityGrain Grain => _harness["one"].Grain;

    [Fact]
    public async Task A_change_is_made_to_the_version_that_was_seen_under_the_operators_name()
    {
        _harness["one"].Policy = new PolicyDescription
        {
            Version = 3, Configured = new BackendPolicy { Destinations = [new("a", 2), new("b", 2)] }, Adjustment = new PolicyAdjustment { Limit = 3, Destinations = [new("b", 1, false)] },
        };
        AdjustmentRequest? asked = null;
        Grain.AdjustPolicyAsync(Arg.Do<AdjustmentRequest>(request => asked = request)).Returns(new AdjustmentAnswer { Version = 4 });

        var answer = await _harness.Desk.ChangeAsync("ONE", 3, PolicyEdit.Drain("A"), "anna");

        answer.ShouldSatisfyAllConditions(told => told.Outcome.ShouldBe(ChangeOutcome.Changed), told => told.Version.ShouldBe(4), told => told.Reasons.ShouldBeEmpty());
        asked.ShouldNotBeNull().ShouldSatisfyAllConditions(
            request => request.By.ShouldBe("anna"),
            request => request.ExpectedVersion.ShouldBe(3),
            request => request.Adjustment.Limit.ShouldBe(3),
            request => request.Adjustment.Destinations.ShouldBe([new("a", null, true), new("b", 1, false)]));
    }

    [Fact]
    public async Task Edits_change_one_thing_and_leave_the_rest()
    {
        var policy = new PolicyDescription
        {
            Version = 1, Configured = new BackendPolicy { Destinations = [new("a", 2), new("b", 2)] },
            Adjustment = new PolicyAdjustment { Paused = true, Destinations = [new("a", null, true), new("b", 1, true)], Priorities = [new("normal", 10)] },
        };

        PolicyEdit.Undrain("a").Apply(policy).Destinations.ShouldBe([new("b", 1, true)]);
        PolicyEdit.Undrain("b").Apply(policy).Destinations.ShouldBe([new("a", null, true), new("b", 1, false)]);
        PolicyEdit.DestinationLimit("b", null).Apply(policy).Destinations.ShouldBe([new("a", null, true), new("b", null, true)]);
        PolicyEdit.Undrain("c").Apply(policy).Destinations.Length.ShouldBe(3, "the ledger refuses it by name");
        PolicyEdit.Resume.Apply(policy).ShouldBe(policy.Adjustment with { Paused = false });
        PolicyEdit.Limit(7).Apply(policy).ShouldBe(policy.Adjustment with { Limit = 7 });
        PolicyEdit.Limit(null).Apply(policy).ShouldBe(policy.Adjustment);
        PolicyEdit.QueueCapacity(9).Apply(policy).QueueCapacity.ShouldBe(9);
        PolicyEdit.Shares([new("Normal", null), new("critical", 50)]).Apply(policy).Priorities.ShouldBe([new("critical", 50)]);
        PolicyEdit.Reset.Apply(policy).IsEmpty.ShouldBeTrue();
        await Task.CompletedTask;
    }

    [Fact]
    public async Task A_policy_that_was_changed_meanwhile_is_a_conflict_and_nothing_is_asked_for()
    {
        (await _harness.Desk.ChangeAsync("one", 2, PolicyEdit.Pause, "anna")).ShouldSatisfyAllConditions(
            told => told.Outcome.ShouldBe(ChangeOutcome.Conflict), told => told.Version.ShouldBe(3), told => told.Reasons.ShouldHaveSingleItem());
        await Grain.DidNotReceive().AdjustPolicyAsync(Arg.Any<AdjustmentRequest>());

        Grain.AdjustPolicyAsync(Arg.Any<AdjustmentRequest>()).Returns(new AdjustmentAnswer { Version = 5, IsStale = true });
        (await _harness.Desk.ChangeAsync("one", 3, PolicyEdit.Pause, "anna")).ShouldSatisfyAllConditions(
            told => told.Outcome.ShouldBe(ChangeOutcome.Conflict), told => told.Version.ShouldBe(5));
    }

    [Fact]
    public async Task Every_reason_of_a_refusal_is_told_and_silence_is_no_refusal()
    {
        Grain.AdjustPolicyAsync(Arg.Any<AdjustmentRequest>()).Returns(new AdjustmentAnswer { Version = 3, Errors = ["limit: too much", "queueCapacity: no queue"] });
        (await _harness.Desk.ChangeAsync("one", 3, PolicyEdit.Limit(-1), "anna")).ShouldSatisfyAllConditions(
            told => told.Outcome.ShouldBe(ChangeOutcome.Refused), told => told.Reasons.ShouldBe(["limit: too much", "queueCapacity: no queue"]));

        Grain.AdjustPolicyAsync(Arg.Any<AdjustmentRequest>()).Returns(Task.FromException<AdjustmentAnswer>(new TimeoutException("the store is away")));
        (await _harness.Desk.ChangeAsync("one", 3, PolicyEdit.Limit(5), "anna")).ShouldSatisfyAllConditions(
            told => told.Outcome.ShouldBe(ChangeOutcome.Unknown), told => told.Reasons[0].ShouldContain("the store is away"));
    }

    [Fact]
    public async Task The_audit_trail_has_what_operators_did_and_names_who_does_not_answer()
    {
        var now = _harness.Time.GetUtcNow();
        _harness["one"].Policy = _harness["one"].Policy with
        {
            History =
            [
                new PolicyChange { Version = 3, At = now, By = "anna", Fields = [new FieldChange("limit", "4", "5")] },
                new PolicyChange { Version = 2, At = now.AddHours(-1), Fields = [new FieldChange("limit", "3", "4")] },
            ],
        };
        _harness["two"].Grain.DescribePolicyAsync().Returns(Task.FromException<PolicyDescription>(new TimeoutException()));

        var audit = await _harness.Desk.AuditAsync(100);

        audit.Changes.ShouldHaveSingleItem().ShouldSatisfyAllConditions(change => change.By.ShouldBe("anna"), change => change.Backend.ShouldBe("one"), change => change.Fields[0].To.ShouldBe("5"));
        audit.Missing.ShouldBe(["two"]);
    }

    [Fact]
    public async Task Decisions_are_told_in_words_with_their_reasons_counted()
    {
        Grain.DecisionsAsync(Arg.Any<DecisionQuery>()).Returns(new DecisionPage
        {
            Recorded = 12,
            Decisions =
            [
                Refused(12, RefusalReason.QueueFull), Refused(11, RefusalReason.AtCapacity), Refused(10, RefusalReason.QueueFull),
            ],
        });

        var page = await _harness.Desk.DecisionsAsync("one");

        page.Recorded.ShouldBe(12);
        page.Decisions[0].ShouldSatisfyAllConditions(
            decision => decision.Reason.ShouldBe("queue-full"), decision => decision.Why.ShouldContain("The queue was full."), decision => decision.PriorityName.ShouldBe("normal"),
            decision => decision.At.ShouldBe(_harness.Time.GetUtcNow() - TimeSpan.FromSeconds(3)));
        page.Reasons.ShouldBe([new ReasonCount("queue-full", 2), new ReasonCount("at-capacity", 1)]);
    }

    [Fact]
    public async Task Without_jobs_that_is_said()
    {
        (await _harness.Desk.SearchJobsAsync(new JobSearch())).Problem.ShouldNotBeNull();
        (await _harness.Desk.FindJobAsync("x")).Job.ShouldBeNull();
        (await _harness.Desk.RetryJobAsync("x", "anna")).ShouldSatisfyAllConditions(told => told.IsDone.ShouldBeFalse(), told => told.Problem.ShouldNotBeNull());
    }

    private static DecisionRecord Refused(long number, RefusalReason reason) => new()
    {
        Number = number, Ticket = "t", Age = TimeSpan.FromSeconds(3), Outcome = DecisionOutcome.Refused, Reason = reason, Holder = "h", Priority = Priorities.Normal, Weight = 1, Grounds = new DecisionGrounds { Occupancy = new Occupancy(4, 4, 5, TimeSpan.FromSeconds(1)) },
    };
}
