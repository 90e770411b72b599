using Admission.Frontend.Holding;
using Admission.Frontend.Tests.Support;
using Microsoft.Extensions.Logging.Abstractions;

namespace Admission.Frontend.Tests.Holding;

public sealed class HoldWheelTests
{
    private readonly SteppedTime _time = new();

    [Theory]
    [InlineData(100)]
    [InlineData(333)]
    [InlineData(10_000)]
    [InlineData(51_200)]
    [InlineData(600_000)]
    public void Wakes_in_time_and_never_early(int milliseconds)
    {
        using var wheel = new HoldWheel(_time, NullLogger.Instance);
        var after = TimeSpan.FromMilliseconds(milliseconds);
        var sleeper = new Sleeper(_time);
        _time.Advance(TimeSpan.FromMilliseconds(17));
        wheel.Put(sleeper, after);
        var asked = _time.GetTimestamp();
        _time.Advance(after + (2 * HoldWheel.Step));
        var woken = sleeper.Woken.ShouldHaveSingleItem() - asked;
        woken.ShouldBeInRange(after.Ticks, (after + (2 * HoldWheel.Step)).Ticks);
    }

    [Fact]
    public void Wakes_thousands_each_at_its_own_time_and_rests_when_nobody_is_left()
    {
        using var wheel = new HoldWheel(_time, NullLogger.Instance);
        var random = new Random(1);
        var sleepers = Enumerable.Range(0, 3_000).Select(_ => (Sleeper: new Sleeper(_time), After: TimeSpan.FromMilliseconds(random.Next(60, 120_000)))).ToList();
        var start = _time.GetTimestamp();
        foreach (var (sleeper, after) in sleepers)
        {
            wheel.Put(sleeper, after);
        }

        foreach (var (sleeper, _) in sleepers.Where((_, i) => i % 3 == 0))
        {
            wheel.Remove(sleeper);
        }

        wheel.Count.ShouldBe(2_000);
        _time.Advance(TimeSpan.FromSeconds(121));
        for (var i = 0; i < sleepers.Count; i++)
        {
            var (sleeper, after) = sleepers[i];
            sleeper.Woken.Count.ShouldBe(i % 3 == 0 ? 0 : 1);
            sleeper.Woken.ShouldAllBe(at => at - start >= after.Ticks && at - start <= (after + (2 * HoldWheel.Step)).Ticks);
        }

        wheel.Count.ShouldBe(0);
        _time.Set.ShouldBe(0, "Nobody is to be woken.");
    }

    [Fact]
    public void One_that_puts_itself_in_again_is_woken_again_and_one_that_is_put_elsewhere_is_not_woken_where_it_was()
    {
        using var wheel = new HoldWheel(_time, NullLogger.Instance);
        var steady = new Sleeper(_time, again: sleeper => wheel.Put(sleeper, TimeSpan.FromSeconds(1)));
        var moved = new Sleeper(_time);
        wheel.Put(steady, TimeSpan.FromSeconds(1));
        wheel.Put(moved, TimeSpan.FromSeconds(1));
        wheel.Put(moved, TimeSpan.FromSeconds(5));
        _time.Advance(TimeSpan.FromSeconds(4.5));
        steady.Woken.Count.ShouldBe(4);
        moved.Woken.ShouldBeEmpty();
        _time.Advance(TimeSpan.FromSeconds(1));
        moved.Woken.Count.ShouldBe(1);
    }

    [Fact]
    public void One_that_another_takes_out_on_its_way_is_not_lost_from_the_others()
    {
        using var wheel = new HoldWheel(_time, NullLogger.Instance);
        var sleepers = new List<Sleeper>();
        for (var i = 0; i < 10; i++)
        {
            // Each moves all others, which are due at the same moment, to a later time.
            sleepers.Add(new Sleeper(_time, again: _ => sleepers.ForEach(each => wheel.Put(each, TimeSpan.FromSeconds(3)))));
        }

        sleepers.ForEach(each => wheel.Put(each, TimeSpan.FromSeconds(1)));
        _time.Advance(TimeSpan.FromSeconds(1.5));
        sleepers.ShouldAllBe(each => each.Woken.Count == 1);
        wheel.Count.ShouldBe(10);
    }

    [Fact]
    public void One_that_fails_takes_nothing_from_the_others()
    {
        using var wheel = new HoldWheel(_time, NullLogger.Instance);
        var steady = new Sleeper(_time, again: sleeper => wheel.Put(sleeper, TimeSpan.FromSeconds(1)));
        wheel.Put(steady, TimeSpan.FromSeconds(1));
        wheel.Put(new Sleeper(_time, again: _ => throw new InvalidOperationException("It fails.")), TimeSpan.FromSeconds(1));
        _time.Advance(TimeSpan.FromSeconds(3.5));
        (steady.Woken.Count, wheel.Count).ShouldBe((3, 1));
    }

    private sealed class Sleeper(SteppedTime time, Action<Sleeper>? again = null) : HoldWheel.Entry
    {
        public List<long> Woken { get; } = [];

        public override void Wake()
        {
            Woken.Add(time.GetTimestamp());
            again?.Invoke(this);
        }
    }
}
