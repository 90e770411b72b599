using System.Diagnostics;
using System.Security.Cryptography;

namespace Admission.Handover;

/// <summary>
/// One of the two processes: asks for the permit, has its turn, gives it back, asks again a little later. In the middle of each turn it makes one plain call, so
/// that calls and hand-overs meet the same machine: processes that have slept for a millisecond or two.
/// </summary>
internal sealed class Frontend(FrontendSettings settings, ISemaphore semaphore)
{
    private readonly TurnLog _log = new([], []);

    public static async Task RunAsync(FrontendSettings settings)
    {
        await using ISemaphore semaphore = settings.Semaphore switch
        {
            Subject.Admission => await AdmissionSemaphore.ConnectAsync(settings.Port, settings.Lanes),
            Subject.Polling => await PollingSemaphore.ConnectAsync(settings.Port),
            Subject.Notified => await NotifiedSemaphore.ConnectAsync(settings.Port, settings.Lanes),
            _ => throw new ArgumentException($"There is no semaphore '{settings.Semaphore}'.", nameof(settings)),
        };
        var frontend = new Frontend(settings, semaphore);
        await Task.WhenAll(Enumerable.Range(0, settings.Lanes).Select(frontend.TakeTurnsAsync));
        frontend._log.Write(settings.File);
    }

    private async Task TakeTurnsAsync(int lane)
    {
        while (Stopwatch.GetTimestamp() < settings.Until)
        {
            var asked = Stopwatch.GetTimestamp();
            await semaphore.AcquireAsync(lane);
            var admitted = Stopwatch.GetTimestamp();
            var half = TimeSpan.FromMilliseconds((settings.Hold + RandomNumberGenerator.GetInt32(settings.Spread + 1)) / 2.0);
            await Task.Delay(half);
            var began = Stopwatch.GetTimestamp();
            await semaphore.CallAsync(lane);
            var call = Stopwatch.GetTimestamp() - began;
            await Task.Delay(half);
            var released = Stopwatch.GetTimestamp();
            await semaphore.ReleaseAsync(lane);
            Note(new Turn(lane, asked, admitted, released), call);
            await Task.Delay(settings.Pause);
        }
    }

    private void Note(Turn turn, long call)
    {
        if (turn.Admitted >= settings.From)
        {
            lock (_log)
            {
                _log.Turns.Add(turn);
                _log.Calls.Add(call);
            }
        }
    }
}
