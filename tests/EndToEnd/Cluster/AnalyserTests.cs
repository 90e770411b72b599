using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster;

/// <summary>The analyser finds what is planted, and nothing else.</summary>
public sealed class AnalyserTests
{
    private static readonly (long From, long To)[] NeverDead = [];

    [Fact]
    public void Sees_no_excess_where_there_is_none()
    {
        var found = OverAdmission.Of(Journal("S a 0", "S b 1", "E a 2", "S c 2", "E b 3", "E c 4"), new(2));
        found.ShouldSatisfyAllConditions(() => found.Ratio.ShouldBe(1), () => found.Greatest.ShouldBe(2), () => found.Starts.ShouldBe(3), () => found.Excesses.ShouldBeEmpty());
    }

    [Fact]
    public void Sees_one_too_many_for_a_millisecond()
    {
        var found = OverAdmission.Of(Journal("S a 0", "S b 100", "S c 500", "E a 501", "E b 600", "E c 600"), new(2));
        found.Ratio.ShouldBe(1.5);
        found.Excesses.ShouldHaveSingleItem().ShouldBe(new("c", Ms(500), 3, 2, new('E', "a", Ms(501), 0)));
    }

    [Fact]
    public void Counts_work_that_a_kill_has_ended_as_ended() =>
        OverAdmission.Of(Journal("S a 0", "S b 1", "K - 2", "S c 3", "S d 4"), new(2)).Ratio.ShouldBe(1);

    [Fact]
    public void Counts_work_that_a_kill_has_not_ended() =>
        OverAdmission.Of(Journal("S a 0", "S b 1", "S c 2", "K - 2"), new(2)).Excesses.Count.ShouldBe(1);

    [Fact]
    public void A_raised_limit_may_be_used_as_soon_as_it_is_asked_for()
    {
        var limits = new LimitTimeline(1);
        limits.Ask(2, Ms(10));
        limits.Acknowledge(Ms(20));
        OverAdmission.Of(Journal("S a 0", "S b 11"), limits).Excesses.ShouldBeEmpty();
        OverAdmission.Of(Journal("S a 0", "S b 9"), limits).Excesses.Count.ShouldBe(1);
    }

    [Fact]
    public void A_lowered_limit_admits_nothing_new_once_it_is_in_force()
    {
        var limits = new LimitTimeline(3);
        limits.Ask(1, Ms(10));
        limits.Acknowledge(Ms(20));
        OverAdmission.Of(Journal("S a 0", "S b 11", "S c 19", "E a 30", "E b 31", "E c 32", "S d 33"), limits).Excesses.ShouldBeEmpty();
        OverAdmission.Of(Journal("S a 0", "S b 1", "E a 30", "S c 31"), limits).Excesses.ShouldHaveSingleItem().ShouldBe(new("c", Ms(31), 2, 1));
    }

    [Fact]
    public void The_highest_and_lowest_limit_of_several_changes_are_known()
    {
        var limits = new LimitTimeline(8);
        limits.Ask(4, 10);
        limits.MostAt(15).ShouldBe(8);
        limits.LeastAt(15).ShouldBe(4);
        limits.Acknowledge(20);
        limits.Ask(6, 30);
        (limits.MostAt(9), limits.MostAt(20), limits.MostAt(30), limits.LeastAt(35)).ShouldBe((8, 4, 6, 4));
        limits.Current.ShouldBe(6);
    }

    [Fact]
    public void Sees_a_time_without_service_while_a_client_waits()
    {
        var stretches = Idleness.Of(
            Journal("S a 0", "E a 10", "S b 20", "E b 30", "S c 900", "E c 910"), new(1), [Served(0, 10), Served(5, 30), Served(25, 910)], NeverDead, TimeSpan.FromMilliseconds(50));
        stretches.ShouldBe([new(Ms(30), Ms(900))]);
        stretches.LongestIn(Ms(100), Ms(500)).Seconds.ShouldBe(0.4);
        stretches.LongestIn(Ms(901), Ms(2000)).Seconds.ShouldBe(0);
    }

    [Fact]
    public void A_full_backend_an_absent_client_and_a_dead_backend_are_no_time_without_service()
    {
        Idleness.Of(Journal("S a 0", "E a 2000"), new(1), [Served(0, 2000), Served(0, 2000)], NeverDead, TimeSpan.FromMilliseconds(50)).ShouldBeEmpty();
        Idleness.Of(Journal("S a 0", "E a 10", "S b 2000", "E b 2010"), new(1), [Served(0, 10), Served(1995, 2010)], NeverDead, TimeSpan.FromMilliseconds(50)).ShouldBeEmpty();
        Idleness.Of(Journal("S a 0", "K - 10", "S b 2000", "E b 2010"), new(1), [Served(0, 2010)], [(Ms(5), Ms(1990))], TimeSpan.FromMilliseconds(50)).ShouldBeEmpty();
    }

    [Fact]
    public void A_backend_that_works_below_its_limit_and_takes_nothing_new_gives_no_service() =>
        Idleness.Of(Journal("S a 0", "E a 2000"), new(2), [Served(0, 2000), Served(100, 3000)], NeverDead, TimeSpan.FromMilliseconds(50)).Count.ShouldBe(1);

    [Fact]
    public void A_refused_client_waits_until_it_comes_back()
    {
        RequestRecord[] refused = [.. Enumerable.Range(0, 10).Select(number => new RequestRecord("x", "f", Ms(number * 300), Ms((number * 300) + 1), RequestEnd.Refused))];
        Idleness.Of([], new(1), refused, NeverDead, TimeSpan.FromMilliseconds(50)).ShouldHaveSingleItem().Seconds.ShouldBe(3.1, 0.01);
    }

    [Fact]
    public void Counts_what_is_not_clean_apart_from_what_a_kill_explains()
    {
        RequestRecord[] requests =
        [
            new("x", "f1", Ms(0), Ms(50), RequestEnd.Served),
            new("x", "f1", Ms(90), Ms(110), RequestEnd.Unclean, "reset"),
            new("x", "f2", Ms(90), Ms(110), RequestEnd.Unclean, "reset"),
            new("y", "f2", Ms(90), Ms(130), RequestEnd.Unclean, "502 backend-connection-failed"),
            new("x", "f1", Ms(110), Ms(120), RequestEnd.Wrong, "200 with a body that is not its own"),
            new("x", "f2", Ms(9000), Ms(9010), RequestEnd.Refused, "at-capacity"),
        ];
        var record = new ServiceRecord(requests, [new("f1", Ms(100), Ms(200)), new("y", Ms(120), long.MaxValue)]);
        record.Unclean().Select(request => (request.Frontend, request.End)).ShouldBe([("f2", RequestEnd.Unclean), ("f1", RequestEnd.Wrong)], "no kill explains an answer that is another's");
        record.Explained().Count().ShouldBe(2);
        record.Unclean(Ms(200)).ShouldBeEmpty();
        record.Goodput(0, Ms(100)).ShouldBe(10);
        ServiceRecord.Reasons(record.Explained()).ShouldBe("reset: 1, 502 backend-connection-failed: 1");
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK", "a", "Served", "")]
    [InlineData("HTTP/1.1 200 OK", "b", "Wrong", "200 with a body that is not its own")]
    [InlineData("HTTP/1.1 503 x\r\nRetry-After: 1\r\nContent-Type: application/problem+json", """{"type":"","title":"","detail":"","reason":"at-capacity"}""", "Refused", "at-capacity")]
    [InlineData("HTTP/1.1 503 x\r\nContent-Type: application/problem+json", """{"type":"","title":"","detail":"","reason":"at-capacity"}""", "Wrong", "503 at-capacity without Retry-After")]
    [InlineData("HTTP/1.1 504 x\r\nContent-Type: application/problem+json", """{"type":"","title":"","detail":"","reason":"lease-lost"}""", "Refused", "lease-lost")]
    [InlineData("HTTP/1.1 502 x\r\nContent-Type: application/problem+json", """{"type":"","title":"","detail":"","reason":"backend-response-failed"}""", "Unclean", "502 backend-response-failed")]
    [InlineData("HTTP/1.1 503 x\r\nRetry-After: 1", "", "Wrong", "503: Content-Type: ")]
    public void Judges_answers(string head, string body, string end, string detail) =>
        RequestJudge.Of("a", new(int.Parse(head.AsSpan(9, 3)), head, body)).ShouldBe((Enum.Parse<RequestEnd>(end), detail));

    [Fact]
    public async Task Sees_when_the_machine_stands_still_and_not_when_it_does_not()
    {
        using var meter = new StallMeter();
        await Task.Delay(300);
        meter.Stalls.Where(stall => stall.Seconds > 5).ShouldBeEmpty();
    }

    private static RequestRecord Served(double from, double to) => new("x", "f", Ms(from), Ms(to), RequestEnd.Served);

    private static long Ms(double milliseconds) => (long)(milliseconds * 1e6);

    // Lines like "S a 12": kind, id, milliseconds.
    private static IReadOnlyList<JournalEvent> Journal(params string[] lines) =>
        [.. lines.Select(line => line.Split(' ')).Select(fields => new JournalEvent(fields[0][0], fields[1], Ms(int.Parse(fields[2])), 0))];
}
