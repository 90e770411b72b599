namespace Admission.Kubernetes.Tests;

/// <summary>The gateway and the silo as their images run them: eng/images/smoke.sh.</summary>
public sealed class SmokeTests
{
    private const int NotRun = 77;

    [SkippableFact]
    public async Task A_gateway_starts_on_a_read_only_file_system_as_nobody_special_and_drains_with_SIGTERM() =>
        (await RunAsync("frontend")).ShouldContain("As user 1654, on a read-only file system: ready, drained");

    [SkippableFact]
    public async Task A_silo_starts_on_a_read_only_file_system_as_nobody_special_and_leaves_the_cluster_with_SIGTERM()
    {
        Skip.IfNot(PostgresServer.IsInstalled, "Needs PostgreSQL: apt-get install postgresql, or ./test as root.");
        await using var database = await PostgresServer.StartAsync();
        (await RunAsync("silo", database.ConnectionString())).ShouldContain("As user 1654, on a read-only file system: schema applied, ready, left the cluster");
    }

    private static async Task<string> RunAsync(string part, params string[] more)
    {
        // The tests' own folder has both, because they refer to them.
        await using var smoke = ChildProcess.Start(Path.Combine(Rendered.Root, "eng/images/smoke.sh"), [part, AppContext.BaseDirectory, $"{FreePort.Take()}", .. more]);
        var code = await smoke.WaitForExitAsync(TimeSpan.FromMinutes(2));
        Skip.If(code == NotRun, smoke.Output);
        code.ShouldBe(0, smoke.Output);
        return smoke.Output;
    }
}
