using System.Net.Sockets;

namespace Admission.EndToEnd;

/// <summary>Ctrl-C and SIGTERM: what is in flight ends well, what is new is refused, and the next start serves at once.</summary>
public sealed class ShutdownTests
{
    [SkippableTheory]
    [InlineData(ChildProcess.Interrupt)]
    [InlineData(ChildProcess.Terminate)]
    public async Task Finishes_what_is_in_flight_and_returns_the_permits(int signal)
    {
        await using var backend = PythonBackend.LaunchGunicorn(workers: 4);
        await using var gateway = await Gateway.InFrontOfAsync(new { Limit = 2, Overflow = "Wait", Queue = new { Capacity = 10, MaxWait = "00:00:30" } }, backend);
        using var kept = await HttpConnection.OpenAsync(gateway.Port);
        var inFlight = Enumerable.Range(0, 2).Select(number => gateway.GetAsync($"/work?id=old{number}&ms=1500")).ToArray();
        await Until.TrueAsync(() => backend.Journal.Inside() == 2, TimeSpan.FromSeconds(5), () => "Never inside.");

        gateway.Process.Signal(signal);
        await Until.TrueAsync(() => IsRefusedAsync(gateway), TimeSpan.FromSeconds(1), () => $"New requests are still let in.\n{gateway.Output}");
        (await Task.WhenAll(inFlight)).ShouldAllBe(answer => answer.Status == 200);
        (await gateway.Process.WaitForExitAsync(TimeSpan.FromSeconds(10))).ShouldBe(0);

        await gateway.StartAsync();
        var started = Clock.Now;
        (await gateway.GetAsync("/work?id=new&ms=5")).Status.ShouldBe(200, gateway.Output);
        Clock.Since(started).ShouldBeLessThan(TimeSpan.FromSeconds(2));
        backend.Journal.Greatest().ShouldBe(2);
    }

    // By a 503, or by nobody listening any more; not by a wait in the queue, which ends without an answer here.
    private static async Task<bool> IsRefusedAsync(Gateway gateway)
    {
        try
        {
            using var bound = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
            using var connection = await HttpConnection.OpenAsync(gateway.Port, cancellation: bound.Token);
            await connection.SendAsync("GET", "/work?id=late&ms=5", cancellation: bound.Token);
            return (await connection.ReadAsync(bound.Token)).Status == 503;
        }
        catch (SocketException refused)
        {
            return refused.SocketErrorCode == SocketError.ConnectionRefused;
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException)
        {
            return false; // it waits, or came between the end of the listening and the end of what was accepted
        }
    }
}
