using System.Reflection;

namespace Admission.Architecture.Tests;

public class DependencyTests
{
    [Theory]
    [InlineData("Admission.Capacity", "")]
    [InlineData("Admission.Grains", "Admission.Capacity")]
    [InlineData("Admission.Client", "Admission.Capacity Admission.Grains")]
    [InlineData("Admission.Trace", "")]
    [InlineData("Admission.Simulator", "Admission.Capacity Admission.Trace")]
    [InlineData("Admission.Jobs", "")]
    [InlineData("Admission.Security", "Admission.Grains")]
    [InlineData("Admission.Telemetry", "Admission.Grains Admission.Security")]
    [InlineData("Admission.Dashboard", "Admission.Capacity Admission.Grains Admission.Client Admission.Jobs Admission.Security")]
    [InlineData("Admission.Frontend", "Admission.Capacity Admission.Grains Admission.Client Admission.Dashboard Admission.Jobs Admission.Security Admission.Telemetry Admission.Trace")]
    [InlineData("Admission.Cli", "Admission.Capacity Admission.Grains Admission.Frontend Admission.Jobs Admission.Security Admission.Simulator Admission.Trace")]
    [InlineData("Admission.Silo", "Admission.Capacity Admission.Dashboard Admission.Grains Admission.Security Admission.Telemetry")]
    public void Dependencies_point_one_way(string assembly, string allowed)
    {
        var own = References(assembly).Where(name => name.StartsWith("Admission.", StringComparison.Ordinal));
        own.ShouldBeSubsetOf(allowed.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public void Capacity_uses_nothing_but_the_base_library_and_Orleans_attributes()
    {
        References("Admission.Capacity").Where(name => !name.StartsWith("Orleans.", StringComparison.Ordinal))
            .ShouldAllBe(name => name.StartsWith("System.", StringComparison.Ordinal) || name == "netstandard");
    }

    [Fact]
    public void Capacity_has_no_timers_tasks_or_threads_of_its_own()
    {
        var sources = Repository.Sources("src/Capacity").Where(file => !file.Path.EndsWith("ICapacityGrain.cs", StringComparison.Ordinal));
        foreach (var (path, text) in sources)
        {
            text.ShouldNotContain("await ", customMessage: path);
            text.ShouldNotContain("CreateTimer", customMessage: path);
            text.ShouldNotContain("Task.Run", customMessage: path);
        }
    }

    [Fact]
    public void Only_the_fallback_has_conditional_code()
    {
        foreach (var (path, text) in Repository.Sources("src").Where(file => !file.Path.Contains("Orleans.Fallback", StringComparison.Ordinal)))
        {
            text.Split('\n').ShouldNotContain(line => line.TrimStart().StartsWith("#if", StringComparison.Ordinal), path);
        }
    }

    private static IEnumerable<string> References(string assembly) => Assembly.Load(assembly).GetReferencedAssemblies().Select(reference => reference.Name!);
}
