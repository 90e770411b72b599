using Admission.EndToEnd.Cluster.Faults;
using Admission.EndToEnd.Cluster.Leases;
using Admission.EndToEnd.Cluster.Processes;

namespace Admission.EndToEnd.Cluster;

/// <summary>A schedule can be repeated by its seed, and keeps its own rules.</summary>
public sealed class FaultScheduleTests
{
    private static readonly ClusterPlan Plan = new();
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    [Fact]
    public void The_same_seed_gives_the_same_schedule_and_another_one_another() =>
        (Text(7) == Text(7), Text(7) == Text(8)).ShouldBe((true, false));

    [Fact]
    public void Every_kind_of_fault_comes_up_within_an_hour() =>
        FaultSchedule.Draw(1, Plan, Hour).Concat(HolderFaults.Draw(1, Hour)).Select(fault => fault.Kind).Distinct().Count().ShouldBe(Enum.GetValues<FaultKind>().Length);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_fault_comes_every_few_seconds_at_most_two_overlap_and_all_are_healed_in_time(int seed)
    {
        var faults = FaultSchedule.Draw(seed, Plan, Hour);
        faults.Count.ShouldBeInRange(150, 450);
        faults.ShouldAllBe(fault => fault.Healed <= Hour);
        faults.ShouldAllBe(fault => faults.Count(other => other.At <= fault.At && other.Healed > fault.At) <= 2);
        faults.Where(fault => faults.Any(other => other != fault && other.Target == fault.Target && other.At <= fault.At && other.Healed > fault.At)).ShouldBeEmpty();
    }

    [Fact]
    public void Holders_have_faults_of_their_own_at_most_two_at_once()
    {
        var faults = HolderFaults.Draw(1, Hour);
        faults.Count.ShouldBeInRange(200, 900);
        faults.ShouldAllBe(fault => fault.Healed <= Hour);
        faults.ShouldAllBe(fault => faults.Count(other => other.At <= fault.At && other.Healed > fault.At) <= 2);
        faults.Count(fault => fault.Target == HolderFaults.WhoWrites).ShouldBeInRange(faults.Count / 3, faults.Count * 2 / 3);
    }

    private static string Text(int seed) => string.Join('\n', FaultSchedule.Draw(seed, Plan, Hour));
}
