using Admission.Capacity;
using Admission.Dashboard.Feed;
using Admission.Dashboard.Feed.Ledgers;
using Admission.Dashboard.Tests.Feed.Support;

namespace Admission.Dashboard.Tests.Feed;

/// <summary>The line of 15 minutes, put together of what a ledger tells a sample at a time.</summary>
public sealed class LineTests
{
    private readonly SteppedTime _time = new();
    private readonly LedgerView _view;
    private readonly FaultLog _faults = new();

    public LineTests() => _view = new LedgerView("b", _time, _faults);

    [Fact]
    public void The_whole_line_is_there_at_the_first_look()
    {
        Tell(1, last: 179, samples: 180);

        Line().Count.ShouldBe(180);
        Line()[0].Limit.ShouldBe(0);
        Line()[^1].Limit.ShouldBe(179);
        Line()[^1].At.ShouldBe(_time.GetUtcNow() - TimeSpan.FromSeconds(2));
        (Line()[1].At - Line()[0].At).ShouldBe(LinePoint.Length);
    }

    [Fact]
    public void New_samples_are_added_and_the_oldest_leave()
    {
        Tell(1, last: 179, samples: 180);
        var before = Line();
        _time.Advance(TimeSpan.FromSeconds(10));
        Asked().ShouldBe((1, 179));
        Tell(1, last: 181, samples: 2);

        before.Count.ShouldBe(180, "a row that was told never changes");
        Line().Count.ShouldBe(180);
        Line()[^1].Limit.ShouldBe(181);
        Line()[0].Limit.ShouldBe(2);
    }

    [Fact]
    public void A_sample_that_is_told_twice_is_there_once()
    {
        Tell(1, last: 9, samples: 10);
        _time.Advance(TimeSpan.FromSeconds(5));
        Tell(1, last: 10, samples: 11);

        Line().Select(point => point.Limit).ShouldBe(Enumerable.Range(0, 11));
    }

    [Fact]
    public void A_new_epoch_goes_on_where_the_old_line_ends_and_is_a_fault()
    {
        Tell(1, last: 9, samples: 10);
        _time.Advance(TimeSpan.FromSeconds(60));
        Tell(4, last: 1, samples: 2, silo: "silo-2");

        Line().Count.ShouldBe(12);
        (Line()[10].At - Line()[9].At).ShouldBe(TimeSpan.FromSeconds(55));
        _faults.Read().ShouldHaveSingleItem().Words.ShouldBe("The ledger began again: epoch 1 is over, and 4 began on silo-2.");
    }

    [Fact]
    public void What_is_older_than_15_minutes_leaves_also_when_nobody_has_looked_for_long()
    {
        Tell(1, last: 9, samples: 10);
        _time.Advance(TimeSpan.FromMinutes(20));
        Tell(1, last: 249, samples: 180);

        Line().Count.ShouldBe(180);
        Line().ShouldAllBe(point => point.At >= _time.GetUtcNow() - TimeSpan.FromMinutes(15) - TimeSpan.FromSeconds(3));
    }

    private IReadOnlyList<LinePoint> Line() => _view.ToRow(null).Line;

    private (long Epoch, long After) Asked()
    {
        _view.TryBegin(out var epoch, out var after, out _).ShouldBeTrue();
        _view.TryBegin(out _, out _, out _).ShouldBeFalse("one question at a time");
        return (epoch, after);
    }

    /// <summary>Samples whose limit is their number; the last one ended 2 s ago.</summary>
    private void Tell(long epoch, int last, int samples, string? silo = null) => _view.Take(new BackendGlance
    {
        Epoch = epoch, Status = LedgerStatus.Granting, LastSample = last, SampleAge = TimeSpan.FromSeconds(2), Silo = silo,
        Samples = [.. Enumerable.Range(last - samples + 1, samples).Select(number => new LedgerSample(number, 0, 0, 0, 0))],
    });
}
