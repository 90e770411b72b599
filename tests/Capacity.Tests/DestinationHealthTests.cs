using FsCheck;
using FsCheck.Fluent;

namespace Admission.Capacity.Tests;

/// <summary>One destination's state machine: steps and pauses. docs/algorithms.md has the numbers.</summary>
public class DestinationHealthTests
{
    private static readonly BackendPolicy Two = new() { Destinations = [new("d1", 40), new("d2", 4)] };

    [Theory]
    [InlineData(40, 4, 10, 20, 40)]
    [InlineData(4, 1, 1, 2, 4)]
    [InlineData(1, 1, 1, 1, 1)]
    public void Slow_start_gives_its_share_in_steps(int limit, int first, int second, int third, int last)
    {
        var time = new ManualTime();
        var health = new DestinationHealth(new MonotonicClock(time));
        var destination = new LedgerDestination("d1") { Limit = limit, Health = health };
        Withhold(health, time);
        destination.Open.ShouldBe(0);
        health.Return(Two, time.GetTimestamp());
        var open = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            health.Advance(time.GetTimestamp());
            open.Add(destination.Open);
            time.Advance(TimeSpan.FromSeconds(10) / 3 + TimeSpan.FromTicks(1));
        }

        open.ShouldBe([first, second, third, last]);
        health.Condition.ShouldBe(DestinationCondition.InService);
    }

    [Fact]
    public void A_destination_that_fails_again_soon_after_its_return_is_withheld_for_longer()
    {
        var time = new ManualTime();
        var health = new DestinationHealth(new MonotonicClock(time));
        Withhold(health, time).TotalSeconds.ShouldBe(0.5);
        health.Return(Two, time.GetTimestamp());
        time.Advance(TimeSpan.FromSeconds(9.9));
        Withhold(health, time).TotalSeconds.ShouldBe(1, 1e-3, "within its slow start");
        health.Return(Two, time.GetTimestamp());
        time.Advance(TimeSpan.FromSeconds(10.1));
        Withhold(health, time).TotalSeconds.ShouldBe(0.5, 1e-3, "that is forgotten");
    }

    [Fact]
    public void Whatever_happens_its_share_is_one_of_the_steps_and_its_pause_within_its_bounds()
    {
        Prop.ForAll(Gen.Choose(0, 999).ListOf().ToArbitrary(), operations =>
        {
            var time = new ManualTime();
            var health = new DestinationHealth(new MonotonicClock(time));
            var trials = 0L;
            foreach (var operation in operations)
            {
                var now = time.GetTimestamp();
                switch (operation % 5)
                {
                    case 0 when !health.IsWithheld:
                        health.Withhold(Two, now);
                        break;
                    case 1 when health.IsDue(now):
                        health.BeginTrial(++trials, new StoredLife("a", 1), 1);
                        break;
                    case 2 when health.Trial != 0 && operation % 2 == 0:
                        health.Return(Two, now);
                        break;
                    case 2 when health.Trial != 0:
                        health.Withhold(Two, now);
                        break;
                    case 3 when health.Trial != 0:
                        health.TryAgain(Two, now);
                        break;
                    default:
                        time.Advance(TimeSpan.FromMilliseconds(10 * operation));
                        health.Advance(time.GetTimestamp());
                        break;
                }

                new[] { 0, 10, 25, 50, 100 }.ShouldContain(health.Share);
                (health.Share == 0).ShouldBe(health.IsWithheld);
                (health.Trial != 0).ShouldBe(health.Condition == DestinationCondition.Trial);
                (health.Share == 100).ShouldBe(health.Condition == DestinationCondition.InService);
                health.Pause.ShouldBeInRange(TimeSpan.Zero, Two.Ejection.LongestPause);
            }
        }).QuickCheckThrowOnFailure();
    }

    private static TimeSpan Withhold(DestinationHealth health, ManualTime time)
    {
        var now = time.GetTimestamp();
        health.Withhold(Two, now);
        return TimeSpan.FromTicks(health.Until - now);
    }
}
