using System.Diagnostics;
using Admission.Bench;
using Admission.Bench.Proxies.Peers;
using Admission.Testing;

namespace Admission.Parked;

/// <summary>Parks requests at a peer, looks at its memory, and lets them through.</summary>
internal sealed class Measurement
{
    private const int WarmUps = 10;
    private const int WarmUpClients = 300;
    private const double StableWithin = 0.002;
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(90);
    private static readonly string Self = typeof(Measurement).Assembly.Location;

    public static int Few { get; } = OpenFiles.Clients(5_000);

    public static int Many { get; } = OpenFiles.Clients(20_000);

    public static async Task<Parking> RunAsync(ParkedPeer peer)
    {
        var port = FreePort.Take();
        await using var backend = await Server.StartAsync("dotnet", [Self, "backend", "--urls", $"http://127.0.0.1:{port}"], port);
        await using var front = await peer.Proxy.StartAsync(backend);
        for (var i = 0; i < WarmUps; i++)
        {
            using var guests = new Crowd(front.Ports[0]);
            await guests.GrowAsync(WarmUpClients);
            await guests.AllServedAsync(Bound);
        }

        using var http = new HttpClient { BaseAddress = backend.Address };
        await http.GetStringAsync("/shut");
        var empty = await MemoryAsync(front);
        using var crowd = new Crowd(front.Ports[0]);
        var few = await ParkAsync(Few);
        var many = await ParkAsync(Many);
        var cpu = front.Cpu;
        var began = Stopwatch.GetTimestamp();
        await http.GetStringAsync("/open");
        await crowd.AllServedAsync(Bound);
        var took = Stopwatch.GetElapsedTime(began);
        cpu = front.Cpu - cpu;
        var result = new Parking(few, many, took.TotalMilliseconds, cpu.TotalMicroseconds / crowd.Count);
        Console.Error.WriteLine($"{peer.Name}: {empty / 1024} KiB without clients; {result}");
        return result;

        async Task<double> ParkAsync(int count)
        {
            // Those at the backend do not wait in line.
            await crowd.GrowAsync(count + ParkedPeer.Limit);
            var full = await MemoryAsync(front);
            return crowd.Answered == 0 ? (full - empty) / 1024.0 / count : throw new InvalidOperationException($"{peer.Name}: {crowd.Answered} of {count} were answered instead of parked.");
        }
    }

    /// <summary>Resident bytes of a server and its workers, once they do not change any more.</summary>
    private static async Task<double> MemoryAsync(Front front)
    {
        double before = 0;
        for (var i = 0; i < 20; i++)
        {
            await Task.Delay(500);
            var now = ProcessUse.ResidentBytesOfFamily(front.Processes[0]);
            if (Math.Abs(now - before) < StableWithin * now)
            {
                return now;
            }

            before = now;
        }

        return before;
    }
}
