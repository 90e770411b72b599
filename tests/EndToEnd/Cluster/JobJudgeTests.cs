using Admission.EndToEnd.Cluster.Jobs;
using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster;

/// <summary>The judge of jobs finds what is planted, and nothing else.</summary>
public sealed class JobJudgeTests
{
    private static readonly JobResultSeen Own = new("done", 200, "a", "1-1");

    [Fact]
    public void Finds_nothing_where_nothing_is_wrong() => FaultsOf(Job(Own), Own, Own, [10]).ShouldBeEmpty();

    [Fact]
    public void Finds_another_requests_answer_a_dead_letter_and_work_that_was_never_done()
    {
        FaultsOf(Job(), Own with { Body = "b" }, Own with { Body = "b" }, [10]).ShouldHaveSingleItem().ShouldContain("not its own");
        FaultsOf(Job(), Own with { State = "dead" }, Own with { State = "dead" }, [10]).ShouldHaveSingleItem().ShouldContain("not its own");
        FaultsOf(Job(), Own, Own, []).ShouldHaveSingleItem().ShouldContain("never saw it");
    }

    [Fact]
    public void Finds_two_results_of_one_job()
    {
        var second = Own with { Work = "1-2" };
        FaultsOf(Job(), Own, second, [10]).ShouldHaveSingleItem().ShouldContain("at another");
        FaultsOf(Job(second), Own, Own, [10]).ShouldHaveSingleItem().ShouldContain("its client saw");
    }

    [Fact]
    public void A_repeat_needs_a_failed_attempt_or_an_outage_between_its_starts()
    {
        FaultsOf(Job(), Own, Own, [10, 20]).ShouldHaveSingleItem().ShouldContain("seen 2 times");
        FaultsOf(Job(), Own, Own, [10, 20], failed: 1).ShouldBeEmpty();
        FaultsOf(Job(), Own, Own, [10, 20], outages: new Outage("frontend1", 15, 30)).ShouldBeEmpty();
        FaultsOf(Job(), Own, Own, [10, 20], outages: new Outage("frontend1", 21, 30)).ShouldHaveSingleItem();
        FaultsOf(Job(), Own, Own, [10, 20, 30], failed: 1).ShouldHaveSingleItem();
    }

    [Fact]
    public void Every_attempt_has_the_key() =>
        JobJudge.FaultsOf(Job(), Own, Own, [new('S', "a", 10, 0, "the-key"), new('S', "a", 20, 0)], 1, []).ShouldHaveSingleItem().ShouldContain("the key -");

    [Fact]
    public void Reads_results_of_answers_and_of_events()
    {
        JobResultSeen.Of(new(200, "HTTP/1.1 200 OK\r\nX-Work: 1-1\r\nX-Admission-Job-State: done", "a")).ShouldBe(Own);
        JobResultSeen.Of(new(202, "HTTP/1.1 202 Accepted\r\nX-Admission-Job-State: running", "{}")).ShouldBeNull();
        const string Events =
            """
            event: job
            data: {"state":"running"}

            : waiting

            event: job
            data: {"state":"done"}

            event: result
            data: {"status":200,"headers":{"X-Work":["1-1"]},"body":"a"}


            """;
        JobResultSeen.OfEvents(Events).ShouldBe(Own);
        JobResultSeen.OfEvents(Events[..60]).ShouldBeNull();
    }

    private static AcceptedJob Job(params JobResultSeen[] seen)
    {
        var job = new AcceptedJob("a", "/admission/v1/jobs/1", "the-key", time: 0);
        foreach (var result in seen)
        {
            job.Seen.Enqueue(("LongPoll", result));
        }

        return job;
    }

    private static string[] FaultsOf(AcceptedJob job, JobResultSeen one, JobResultSeen other, long[] starts, int failed = 0, params Outage[] outages) =>
        [.. JobJudge.FaultsOf(job, one, other, [.. starts.Select(time => new JournalEvent('S', "a", time, 0, "the-key"))], failed, outages)];
}
