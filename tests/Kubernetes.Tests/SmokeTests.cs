namespace Admission.Kubernetes.Tests;

/// <summary>The gateway as its image runs it: eng/images/smoke.sh.</summary>
public sealed class SmokeTests
{
    private const int NotRun = 77;

    [SkippableFact]
    public async Task Starts_on_a_read_only_file_system_as_nobody_special_and_drains_with_SIGTERM()
    {
        // The tests' own folder has the gateway too, because they refer to it.
        await using var smoke = ChildProcess.Start(Path.Combine(Rendered.Root, "eng/images/smoke.sh"), [AppContext.BaseDirectory, $"{FreePort.Take()}"]);
        var code = await smoke.WaitForExitAsync(TimeSpan.FromMinutes(2));
        Skip.If(code == NotRun, smoke.Output);
        code.ShouldBe(0, smoke.Output);
        smoke.Output.ShouldContain("As user 1654, on a read-only file system: ready, drained");
    }
}
