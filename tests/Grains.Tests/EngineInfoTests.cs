using Orleans;

namespace Admission.Grains.Tests;

public sealed class EngineInfoTests
{
    [Fact]
    public void The_engine_is_told_by_the_assembly_that_defines_Grain()
    {
        EngineInfo.Current.ForProduction.ShouldBe(typeof(Grain).Assembly.GetName().Name == "Orleans.Core.Abstractions");
        EngineInfo.Current.Name.ShouldStartWith("Orleans");
        Version.TryParse(EngineInfo.Current.Version.Split('-')[0], out _).ShouldBeTrue(EngineInfo.Current.Version);
    }

    [Fact]
    public void Only_real_Orleans_is_for_production() =>
        new EngineInfo("Orleans fallback", "0.1.0", ForProduction: false).ToString().ShouldBe("Orleans fallback 0.1.0 (not for production)");
}
