using System.Globalization;
using Admission.Capacity;
using Admission.Client;
using Admission.Dashboard.Feed;
using Admission.Grains;
using Admission.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace Admission.Feed.Bench;

/// <summary>A silo, a holder and the dashboard's feed in one process with 1,000 backends: calls to ledgers, processor time and allocations, by viewers.</summary>
internal static class FeedPart
{
    private const int Backends = 1_000;

    private static readonly (string Name, int Viewers, bool Pages)[] Steps =
    [
        ("nobody looks", 0, false), ("1 viewer of the overview", 1, false), ("20 viewers of the overview", 20, false), ("20 of the overview, 20 of one backend each", 20, true),
    ];

    private static TimeSpan Length => TimeSpan.FromSeconds(double.Parse(Environment.GetEnvironmentVariable("SECONDS_EACH") ?? "10", CultureInfo.InvariantCulture));

    public static async Task<PartResult> MeasureAsync()
    {
        var folder = Directory.CreateTempSubdirectory("admission-bench-");
        try
        {
            using var host = Build(folder.FullName, out var ids);
            await host.StartAsync();
            var client = host.Services.GetRequiredService<AdmissionClient>();
            foreach (var id in ids)
            {
                var policy = new BackendPolicy { Limit = 4, Overflow = Overflow.Wait, LeaseTtl = TimeSpan.FromSeconds(30) };
                if ((await client.ConfigureAsync(id, policy)) is { Errors.Length: > 0 } refused)
                {
                    throw new InvalidOperationException(string.Join(' ', refused.Errors));
                }

                // Held to the end, so that each ledger has a holder.
                _ = await client.AcquireAsync(id);
            }

            var table = new ResultTable("1,000 backends", ["", "calls to ledgers per second", "rounds per second", "processor time of one core, %", "allocated per second, MB"], []);
            var feed = host.Services.GetRequiredService<IDashboardFeed>();
            await LookAsync(feed, host, ids, 1, false);
            var found = Steps.ToDictionary(step => step, _ => new List<Found>());
            for (var round = 0; round < Rounds.Count; round++)
            {
                foreach (var step in Steps)
                {
                    found[step].Add(await LookAsync(feed, host, ids, step.Viewers, step.Pages));
                }
            }

            foreach (var (step, each) in found)
            {
                table.Add(step.Name, Spread(each, one => one.Calls), Spread(each, one => one.Rounds), Spread(each, one => one.Cpu * 100), Spread(each, one => one.Allocated / 1e6));
            }

            await host.StopAsync();
            return new PartResult("feed")
            {
                Settings = string.Create(CultureInfo.InvariantCulture, $"{Backends:N0} backends with one holder each, {Length.TotalSeconds} s for each figure; gateway, silo and feed in one process, the viewers' pages not included."),
                Tables = [table],
                Notes = ["The calls while nobody looks are the holders' own exchanges. A look costs a call for each ledger in each round, however many look; a page one to five more."],
            };
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static IHost Build(string folder, out string[] ids)
    {
        string[] names = [.. Enumerable.Range(0, Backends).Select(number => string.Create(CultureInfo.InvariantCulture, $"backend-{number:000}"))];
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo.UseLocalhostClustering(FreePort.Take(), gatewayPort: 0).AddAdmissionGrains(folder));

        // Else each ledger writes its record every few seconds, which is what would be measured.
        builder.Services.Configure<CapacityGrainOptions>(options => options.AuthorityTtl = TimeSpan.FromMinutes(5));
        builder.Services.AddAdmissionClient();
        builder.Services.AddSingleton<IBackendDirectory>(new Names(names));
        builder.Services.AddDashboardFeed();
        var grains = builder.Services.Last(service => service.ServiceType == typeof(IGrainFactory));
        builder.Services.AddSingleton(services => CountedGrains.Before(Create(grains, services)));
        builder.Services.Replace(ServiceDescriptor.Singleton(services => services.GetRequiredService<CountedFactory>().Grains));
        ids = names;
        return builder.Build();
    }

    private static IGrainFactory Create(ServiceDescriptor service, IServiceProvider services) => (IGrainFactory)(
        service.ImplementationInstance ?? service.ImplementationFactory?.Invoke(services) ?? ActivatorUtilities.CreateInstance(services, service.ImplementationType!));

    private static async Task<Found> LookAsync(IDashboardFeed feed, IHost host, string[] ids, int viewers, bool pages)
    {
        var rounds = 0;
        var watches = new List<IDisposable?>();
        for (var viewer = 0; viewer < viewers; viewer++)
        {
            var counts = viewer == 0;
            watches.Add(feed.WatchOverview(_ => rounds += counts ? 1 : 0));
            if (pages)
            {
                watches.Add(feed.WatchBackend(ids[viewer], _ => { }));
            }
        }

        // The first round brings all lines.
        await Task.Delay(TimeSpan.FromSeconds(3));
        var counted = host.Services.GetRequiredService<CountedFactory>().Count;
        var (calls, cpu, allocated, told, began) = (counted.Calls, ProcessUse.Cpu(Environment.ProcessId), GC.GetTotalAllocatedBytes(), rounds, TimeProvider.System.GetTimestamp());
        await Task.Delay(Length);
        var seconds = TimeProvider.System.GetElapsedTime(began).TotalSeconds;
        var found = new Found(
            (counted.Calls - calls) / seconds, (rounds - told) / seconds, (ProcessUse.Cpu(Environment.ProcessId) - cpu).TotalSeconds / seconds, (GC.GetTotalAllocatedBytes() - allocated) / seconds);
        watches.ForEach(watch => watch?.Dispose());
        return found;
    }

    private static string Spread(List<Found> found, Func<Found, double> value) => Figure.Of(found.Select(value)).ToText("N1");

    private sealed record Found(double Calls, double Rounds, double Cpu, double Allocated);

    private sealed class Names(string[] names) : IBackendDirectory
    {
        public Task<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellation) => Task.FromResult<IReadOnlyCollection<string>>(names);
    }
}
