using Admission.Dashboard.Feed;
using Admission.Frontend.Api.Operating;
using Admission.Frontend.Tests.Support;
using NSubstitute;

namespace Admission.Frontend.Tests;

/// <summary>Those who ask for the overview by HTTP are one viewer of the feed.</summary>
public sealed class OverviewDeskTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly SteppedTime _time = new();
    private readonly IDashboardFeed _feed = Substitute.For<IDashboardFeed>();
    private readonly IDisposable _watch = Substitute.For<IDisposable>();
    private readonly List<Action<Overview>> _viewers = [];
    private readonly OverviewDesk _desk;

    public OverviewDeskTests()
    {
        _feed.WatchOverview(Arg.Do<Action<Overview>>(_viewers.Add)).Returns(_watch);
        _desk = new OverviewDesk(_feed, _time);
    }

    public void Dispose() => _desk.Dispose();

    [Fact]
    public async Task Many_questions_are_one_viewer_and_get_what_is_newest()
    {
        var first = Enumerable.Range(0, 20).Select(_ => _desk.ReadAsync(Patience, CancellationToken.None)).ToArray();
        _viewers.Count.ShouldBe(1);
        first.ShouldAllBe(question => !question.IsCompleted);
        _viewers[0](Of(1));
        (await Task.WhenAll(first)).ShouldAllBe(answer => answer!.LeftOut == 1);
        _viewers[0](Of(2));
        (await _desk.ReadAsync(Patience, CancellationToken.None))!.LeftOut.ShouldBe(2);
        _viewers.Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_viewer_leaves_when_nobody_has_asked_for_ten_seconds()
    {
        var first = _desk.ReadAsync(Patience, CancellationToken.None);
        _viewers[0](Of(1));
        await first;
        _time.Advance(TimeSpan.FromSeconds(8));
        await _desk.ReadAsync(Patience, CancellationToken.None);
        _time.Advance(TimeSpan.FromSeconds(8));
        _watch.DidNotReceive().Dispose();
        _time.Advance(TimeSpan.FromSeconds(3));
        _watch.Received(1).Dispose();

        // What it was told last is old by then: the next one begins anew.
        var again = _desk.ReadAsync(Patience, CancellationToken.None);
        _viewers.Count.ShouldBe(2);
        again.IsCompleted.ShouldBeFalse();
        _viewers[1](Of(3));
        (await again)!.LeftOut.ShouldBe(3);
    }

    [Fact]
    public async Task A_feed_that_is_full_is_told_and_asked_again()
    {
        _feed.WatchOverview(Arg.Any<Action<Overview>>()).Returns(null, _watch);
        (await _desk.ReadAsync(Patience, CancellationToken.None)).ShouldBeNull();
        _ = _desk.ReadAsync(Patience, CancellationToken.None);
        _feed.Received(2).WatchOverview(Arg.Any<Action<Overview>>());
    }

    [Fact]
    public async Task A_first_round_that_does_not_end_is_waited_for_only_so_long()
    {
        var question = _desk.ReadAsync(Patience, CancellationToken.None);
        _time.Advance(Patience);
        await Should.ThrowAsync<TimeoutException>(question);
    }

    private static Overview Of(int number) => new(DateTimeOffset.UnixEpoch, [], number, TimeSpan.Zero, null);
}
