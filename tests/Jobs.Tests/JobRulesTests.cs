using Admission.Jobs.Running;
using Admission.Jobs.Tests.Support;

namespace Admission.Jobs.Tests;

public class JobRulesTests
{
    private static readonly JobPolicy Policy = new() { Attempts = 3, FirstDelay = TimeSpan.FromSeconds(2), LongestDelay = TimeSpan.FromSeconds(60) };

    [Theory]
    [InlineData(200, 0, nameof(JobState.Done))]
    [InlineData(404, 0, nameof(JobState.Done))]
    [InlineData(500, 0, nameof(JobState.Done))]
    [InlineData(429, 0, nameof(JobState.Done))]
    [InlineData(503, 0, nameof(JobState.Delayed))]
    [InlineData(502, 1, nameof(JobState.Delayed))]
    [InlineData(504, 2, nameof(JobState.Dead))]
    public void An_answer_is_a_result_unless_it_says_that_the_backend_could_not(int status, int before, string state)
    {
        var run = new JobRun(JobRunKind.Answered, DateTimeOffset.UnixEpoch) { Result = Make.Result(status) };
        var end = JobRules.Decide(Claim(before), run, Policy, DateTimeOffset.UnixEpoch).ShouldNotBeNull();
        end.State.ToString().ShouldBe(state);
        end.Attempt.ShouldNotBeNull().Status.ShouldBe(status);
        (end.Result is not null).ShouldBe(end.State.IsFinal());
    }

    [Fact]
    public void No_place_is_no_attempt_and_nothing_is_recorded() =>
        JobRules.Decide(Claim(0), new JobRun(JobRunKind.NoPlace, DateTimeOffset.UnixEpoch), Policy, DateTimeOffset.UnixEpoch).ShouldBeNull();

    [Fact]
    public void What_is_given_up_goes_back_without_an_attempt()
    {
        var end = JobRules.Decide(Claim(0), new JobRun(JobRunKind.GivenUp, DateTimeOffset.UnixEpoch), Policy, DateTimeOffset.UnixEpoch);
        end.ShouldBe(new JobEnd(JobState.Queued, TimeSpan.Zero));
    }

    [Fact]
    public void What_can_never_be_sent_is_a_dead_letter_at_once()
    {
        var run = new JobRun(JobRunKind.Impossible, DateTimeOffset.UnixEpoch) { Result = Make.Result(400) };
        JobRules.Decide(Claim(0), run, Policy, DateTimeOffset.UnixEpoch)!.State.ShouldBe(JobState.Dead);
    }

    [Fact]
    public void Pauses_double_to_the_longest_and_are_scattered_by_a_fifth()
    {
        for (var attempt = 1; attempt <= 100; attempt++)
        {
            var plain = Math.Min(60, 2 * Math.Pow(2, attempt - 1));
            var pauses = Enumerable.Range(0, 50).Select(_ => JobRules.Pause(Policy, attempt, JobId.Create(), null).TotalSeconds).ToList();
            pauses.ShouldAllBe(pause => pause >= plain && pause <= plain * 1.2 + 0.001);
            pauses.Distinct().Count().ShouldBeGreaterThan(40);
        }
    }

    [Fact]
    public void A_backend_may_ask_for_a_longer_pause_but_not_beyond_the_longest()
    {
        JobRules.Pause(Policy, 1, "a", TimeSpan.FromSeconds(30)).ShouldBe(TimeSpan.FromSeconds(30));
        JobRules.Pause(Policy, 1, "a", TimeSpan.FromHours(1)).ShouldBe(TimeSpan.FromSeconds(60));
        JobRules.Pause(Policy, 1, "a", TimeSpan.FromSeconds(1)).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(2));
    }

    private static JobClaim Claim(int attempts) => new("0123", "model", "", 1, attempts, [], []);
}
