using System.Diagnostics;
using Admission.Bench;
using Admission.Testing;

namespace Admission.Handover;

/// <summary>Starts silo, Redis and frontends, and writes what their turns show.</summary>
internal sealed class Measurement
{
    private const double MostCalls = 2.5;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(4);
    private static readonly string Self = typeof(Measurement).Assembly.Location;

    private readonly Dictionary<string, int> _ports = new(StringComparer.Ordinal);

    public async Task RunAsync()
    {
        using var folder = new TemporaryFolder();
        var (gateway, redisPort) = (FreePort.Take(), FreePort.Take());
        await using var silo = await Server.StartAsync("dotnet", [Self, "silo", $"{FreePort.Take()}", $"{gateway}", folder["state"]], gateway);
        await using var redis = await Server.StartAsync(
            Programs.Need("redis-server"), ["--bind", "127.0.0.1", "--port", $"{redisPort}", "--save", "", "--appendonly", "no"], redisPort);
        (_ports[Subject.Admission], _ports[Subject.Polling], _ports[Subject.Notified]) = (gateway, redisPort, redisPort);
        var found = await Rounds.MeasureAsync(Subject.All, subject => MeasureAsync(subject, folder));
        Report.Of(found, MostCalls).Write();
    }

    private async Task<Handovers> MeasureAsync(Subject subject, TemporaryFolder folder)
    {
        var from = Stopwatch.GetTimestamp() + Ticks(WarmUp);
        var until = from + Ticks(Rounds.Each(subject.Seconds));
        var settings = new FrontendSettings(
            subject.Semaphore, _ports[subject.Semaphore], subject.Lanes, subject.Hold, subject.Spread, subject.Pause, from, until, "");
        string[] files = [folder["one.json"], folder["two.json"]];
        await Task.WhenAll(files.Select(file => RunFrontendAsync(settings with { File = file })));
        var found = Handovers.Of([.. files.Select(TurnLog.Read)]);
        Console.Error.WriteLine(
            $"{subject.Name}: {found.Microseconds.Length} hand-overs, p50 {Handovers.Percentile(found.Microseconds, 50):F0} us, "
            + $"p99 {Handovers.Percentile(found.Microseconds, 99):F0} us; call p50 {Handovers.Percentile(found.Calls, 50):F0} us, "
            + $"p99 {Handovers.Percentile(found.Calls, 99):F0} us; {found.Overlaps} overlaps");
        return found.Microseconds.Length > 0 ? found : throw new InvalidOperationException($"{subject.Name}: nothing was handed over.");
    }

    private static async Task RunFrontendAsync(FrontendSettings settings)
    {
        await using var frontend = ChildProcess.Start("dotnet", [Self, "frontend", settings.ToText()], new Dictionary<string, string>() { ["DOTNET_gcServer"] = "0" });
        var left = TimeSpan.FromSeconds((double)(settings.Until - Stopwatch.GetTimestamp()) / Stopwatch.Frequency);
        if (await frontend.WaitForExitAsync(left + TimeSpan.FromSeconds(30)) != 0)
        {
            throw new InvalidOperationException($"A frontend has failed:\n{frontend.Output}");
        }
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);
}
