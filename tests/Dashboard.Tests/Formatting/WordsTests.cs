using Admission.Dashboard.Components.Formatting;
using Admission.Dashboard.Feed;

namespace Admission.Dashboard.Tests.Formatting;

public class WordsTests
{
    private static readonly DateTimeOffset At = new(2026, 11, 21, 3, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.0002, "<1 ms")]
    [InlineData(0.0123, "12 ms")]
    [InlineData(0.9996, "1.0 s")]
    [InlineData(1.44, "1.4 s")]
    [InlineData(9.97, "10 s")]
    [InlineData(59.4, "59 s")]
    [InlineData(59.7, "1 min")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(3600, "1 h")]
    [InlineData(11_520, "3 h 12 min")]
    [InlineData(90_000, "1 d 1 h")]
    public void A_time_span_is_told_in_at_most_two_units(double seconds, string words) => Words.Span(TimeSpan.FromSeconds(seconds)).ShouldBe(words);

    [Theory]
    [InlineData(null, "–")]
    [InlineData(0.04, "0")]
    [InlineData(0.36, "0.4")]
    [InlineData(9.96, "10")]
    [InlineData(1234.5, "1,234")]
    [InlineData(250_000.0, "250k")]
    public void A_rate_has_the_digits_that_count(double? rate, string words) => Words.Rate(rate).ShouldBe(words);

    [Fact]
    public void A_line_has_a_gap_where_points_are_missing_and_a_tick_where_requests_were_refused()
    {
        var path = SparkPath.Of([Point(0, 2, 0), Point(5, 4, 0), Point(300, 4, 3), Point(305, 1, 0)]);
        path.InUse.Split('M', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(2);
        path.Limit.ShouldStartWith("M");
        path.Refused.Split('M', StringSplitOptions.RemoveEmptyEntries).Length.ShouldBe(1);
        path.Words.ShouldBe("Last 15 minutes: at most 4 in use and 0 waiting, 3 refused");

        // The newest point is at the right edge, and the highest value leaves room for its line.
        path.InUse.ShouldContain($"L{SparkPath.Width} ");
        SparkPath.Of([]).ShouldBe(SparkPath.Empty);
    }

    [Fact]
    public void A_line_is_small_enough_to_be_sent_for_thirty_rows_every_five_seconds()
    {
        var line = Enumerable.Range(0, 180).Select(index => Point(index * 5, index % 60, index % 2)).ToList();
        var path = SparkPath.Of(line);
        (path.InUse.Length + path.Limit.Length + path.Refused.Length).ShouldBeLessThan(7_000);
    }

    private static LinePoint Point(int second, int inUse, int refused) => new(At.AddSeconds(second), 8, inUse, 0, refused, 1);
}
