using Admission.EndToEnd.Cluster.Faults;
using Xunit.Abstractions;

namespace Admission.EndToEnd.RealInput;

/// <summary>
/// The other case that started this: a slow external call behind gunicorn's sync workers, of which each does one at a time, and many more clients who want their results as soon as they are there.
/// In CI scaled down in time; with ADMISSION_SOAK set it is 2,000 clients and a call of 30 s.
/// </summary>
[Collection(Measured.Name)]
public sealed class SlowCallTests(ITestOutputHelper output)
{
    [SkippableFact]
    public async Task All_clients_get_their_results_by_held_connection_events_and_job()
    {
        Need.Gunicorn();
        var size = SoakSetting.IsSoak ? SlowCallSize.Full : SlowCallSize.Short;
        await using var backend = PythonBackend.LaunchGunicorn(size.Workers);
        await using var gateway = await Gateway.InFrontOfAsync(
            new
            {
                Profile = new { Server = "gunicorn", size.Workers, Timeout = "2m" },
                Overflow = "Wait",
                Queue = new { Capacity = size.Clients, MaxWait = "1h" },
                Hold = new { Mode = "Heartbeat", After = $"{size.Hold}", Every = $"{size.Hold}" },
                Jobs = new { Enabled = true },
            },
            backend);
        var begun = Clock.Now;
        var callers = new SlowCallers(gateway.Port, size);
        await callers.RunAsync();

        Describe(size, callers, backend.Journal, begun);
        callers.Errors.ShouldBeEmpty();
        callers.Results.Count.ShouldBe(size.Clients);
        callers.Results.Where(result => result.Waited).Select(result => result.Kind).Distinct().Count().ShouldBe(3, "Of each kind somebody was to wait: else nothing is tested.");
        backend.Journal.Started().Count.ShouldBe(size.Clients);
        backend.Journal.Greatest().ShouldBe(size.Workers);
    }

    private void Describe(SlowCallSize size, SlowCallers callers, Journal journal, long begun)
    {
        var ended = journal.Read().Where(each => each.Kind == 'E').ToDictionary(each => each.Id, each => each.Time);
        output.WriteLine($"{size}, ideal {size.Ideal.TotalSeconds:F1} s; at most {journal.Greatest()} in the backend; {callers.Errors.Count} errors");
        foreach (var kind in callers.Results.GroupBy(result => result.Kind))
        {
            var late = kind.Select(result => Clock.Seconds(result.Time - ended[result.Id]) * 1000).Order().ToArray();
            output.WriteLine(
                $"  {kind.Key}: {late.Length} results, {kind.Count(result => result.Waited)} of clients that were seen to wait, the last after {Clock.Seconds(kind.Max(result => result.Time) - begun):F1} s; "
                + $"{late[late.Length / 2]:F0} ms after the backend's answer at the median, {late[late.Length * 99 / 100]:F0} ms at p99");
        }
    }
}
