using System.Diagnostics;
using Admission.Bench;
using Admission.Testing;

namespace Admission.Held;

/// <summary>Holds connections, looks at memory and heartbeats, and lets all through.</summary>
internal static class Measurement
{
    private const int WarmUps = 10;
    private const int WarmUpClients = 300;
    private const double StableWithin = 0.002;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan Window = Rounds.Each(25);

    public static int Clients { get; } = OpenFiles.Clients(20_000);

    public static async Task<Holding> RunAsync(Subject subject)
    {
        using var folder = new TemporaryFolder();
        await using var backend = await Server.DotnetAsync(typeof(Measurement).Assembly.Location, "backend");
        await using var front = await subject.StartAsync(backend, folder);
        using var gate = new HttpClient { BaseAddress = subject == Subject.Plain ? front.Address : backend.Address };
        for (var i = 0; i < WarmUps; i++)
        {
            await gate.GetStringAsync("/shut");
            using var guests = new Crowd(front.Port, subject.Accept);
            await guests.ComeAsync(WarmUpClients);
            await BegunAsync(guests, WarmUpClients);
            await gate.GetStringAsync("/open");
            await guests.AllServedAsync(Bound);
        }

        await gate.GetStringAsync("/shut");
        var empty = await MemoryAsync(front);
        using var crowd = new Crowd(front.Port, subject.Accept);
        await crowd.ComeAsync(Clients);
        await BegunAsync(crowd, Clients);
        var full = await MemoryAsync(front);
        var cpu = ProcessUse.Cpu(front.Id);
        crowd.Watch();
        await Task.Delay(subject.HasHeartbeats ? Window : TimeSpan.Zero);
        cpu = ProcessUse.Cpu(front.Id) - cpu;
        double[] late = [.. crowd.Lateness.Order()];
        if (crowd.Answered > 0)
        {
            throw new InvalidOperationException($"{subject.Name}: {crowd.Answered} were answered instead of held.");
        }

        var began = Stopwatch.GetTimestamp();
        await gate.GetStringAsync("/open");
        await crowd.AllServedAsync(Bound);
        var through = Stopwatch.GetElapsedTime(began);
        double[] deliveries = [.. crowd.Deliveries.Order()];
        var result = new Holding(
            (full - empty) / 1024 / Clients, At(late, 0.99), At(late, 1), late.Length, At(deliveries, 0.5), At(deliveries, 0.99), cpu.TotalMicroseconds / Math.Max(1, late.Length), through.TotalMilliseconds);
        Console.Error.WriteLine($"{subject.Name}: {empty / 1024 / 1024:0} MiB without clients; {result}");
        return result;
    }

    private static Task BegunAsync(Crowd crowd, int count) =>
        Until.TrueAsync(() => crowd.Begun == count, Bound, () => $"{crowd.Begun} of {count} responses have begun.");

    private static double At(double[] sorted, double share) => sorted.Length == 0 ? double.NaN : sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];

    /// <summary>Resident bytes of a server, once they do not change any more.</summary>
    private static async Task<double> MemoryAsync(Server front)
    {
        double before = 0;
        for (var i = 0; i < 20; i++)
        {
            await Task.Delay(500);
            var now = ProcessUse.ResidentBytes(front.Id);
            if (Math.Abs(now - before) < StableWithin * now)
            {
                return now;
            }

            before = now;
        }

        return before;
    }
}
