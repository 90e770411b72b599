namespace Admission.Simulation;

/// <summary>A policy that is decided in shadow changes nothing of what the enforced one does: with the same seed every message is the same, and so is every step.</summary>
public class ShadowTests
{
    private const long Steps = 1_500;

    [Theory]
    [InlineData("Calm")]
    [InlineData("Chaos")]
    public void What_is_counted_in_shadow_changes_no_message(string profile)
    {
        var messages = 0;
        for (var seed = 1UL; seed <= 8; seed++)
        {
            var (without, with) = (new RecordingTamper(), new TellsOfShadows());
            SimulationRun.Run(seed, Steps, Enum.Parse<Profile>(profile), with).ShouldBe(SimulationRun.Run(seed, Steps, Enum.Parse<Profile>(profile), without));
            messages += with.Shadowed > 0 ? with.Count : 0;
            (with.Count, with.Fingerprint).ShouldBe((without.Count, without.Fingerprint), $"seed {seed}");
        }

        messages.ShouldBeGreaterThan(1_000, "there was something to change");
    }

    [Fact]
    public void It_is_seen_if_it_does()
    {
        var (without, with) = (new RecordingTamper(), new TakesShadowsForDemand());
        SimulationRun.Run(1, Steps, Profile.Calm, without).Report.ShouldBeNull();
        SimulationRun.Run(1, Steps, Profile.Calm, with);
        with.Fingerprint.ShouldNotBe(without.Fingerprint);
    }
}
