using Admission.Frontend.Scaling;

namespace Admission.Frontend.Tests.Scaling;

public sealed class ScaleSignalTests
{
    [Theory]
    [InlineData(0, 1, 80, 0)]
    [InlineData(1, 1, 80, 2)] // 1 / 0.8 = 1.25
    [InlineData(8, 1, 80, 10)]
    [InlineData(9, 1, 80, 12)]
    [InlineData(8, 4, 100, 2)]
    [InlineData(9, 4, 100, 3)]
    [InlineData(2_000_000_000, 1, 100, 2_000_000_000)]
    [InlineData(-1, 1, 80, 0)]
    public void Instances_for_a_demand(int demand, int perReplica, int target, int desired) => ScaleSignal.Desired(demand, perReplica, target).ShouldBe(desired);

    /// <summary>The tables of docs/kubernetes.md. In virtual time, from a seed.</summary>
    [Fact]
    public void An_autoscaler_that_follows_it_settles_without_flapping()
    {
        var steps = ScaleSimulation.Run(seed: 1, minutes: 90, ratePerSecond: minute => minute < 10 ? 2 : minute < 50 ? 8 : 2);
        var changes = steps.Zip(steps.Skip(1)).Where(pair => pair.First.Replicas != pair.Second.Replicas).Select(pair => (At: pair.Second.Minute, By: pair.Second.Replicas - pair.First.Replicas)).ToList();

        // Up within two minutes of the step, and the queue of the step gone within five.
        steps.First(step => step.Minute >= 12).Replicas.ShouldBeGreaterThanOrEqualTo(10);
        steps.Where(step => step.Minute is >= 15 and < 50).Max(step => step.Waiting).ShouldBeLessThanOrEqualTo(15);

        // Once settled it does not hunt, and never has fewer than the load takes; it comes down when the load has.
        changes.Count(change => change.At is >= 20 and < 50).ShouldBeLessThanOrEqualTo(10);
        steps.Where(step => step.Minute is >= 20 and < 50).Min(step => step.Replicas).ShouldBeGreaterThanOrEqualTo(10);
        steps.Where(step => step.Minute >= 60).Max(step => step.Replicas).ShouldBeLessThanOrEqualTo(9);
    }

    [Fact]
    public void From_nothing_it_comes_up_for_the_first_request_and_goes_to_nothing_after_the_last()
    {
        var steps = ScaleSimulation.Run(seed: 2, minutes: 30, ratePerSecond: minute => minute is >= 5 and < 15 ? 1 : 0);
        steps.Where(step => step.Minute < 5).ShouldAllBe(step => step.Replicas == 0);
        steps.First(step => step.Minute >= 6).Replicas.ShouldBeGreaterThan(0);
        steps.Where(step => step.Minute is >= 8 and < 15).Min(step => step.Replicas).ShouldBeGreaterThan(0, "It goes away and comes back.");
        steps[^1].Replicas.ShouldBe(0);
    }
}
