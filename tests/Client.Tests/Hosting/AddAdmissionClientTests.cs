using System.Threading.RateLimiting;
using Admission.Capacity;
using Admission.Client.RateLimiting;
using Admission.Grains.Configuration;
using Admission.Testing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Admission.Client.Tests.Hosting;

public class AddAdmissionClientTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_process_on_its_own_has_its_backends_when_it_starts_and_leaves_nothing_behind()
    {
        using var folder = new TemporaryFolder();
        using (var host = Build(("Admission:DataFolder", folder.Path), ("Admission:Backends:db:Limit", "2"), ("Admission:Backends:db:Overflow", "Wait"), ("Admission:Backends:db:Queue:MaxWait", "30s")))
        {
            await host.StartAsync();
            var client = host.Services.GetRequiredService<AdmissionClient>();
            using var limiter = new AdmissionRateLimiter(client, "db");
            var held = await limiter.AcquireAsync(2).AsTask().WaitAsync(Patience);
            held.IsAcquired.ShouldBeTrue();
            (await client.DescribeAsync("db"))!.Occupancy.Limit.ShouldBe(2);

            var stopping = host.StopAsync();
            stopping.IsCompleted.ShouldBeFalse("permits are in use");
            held.Dispose();
            await stopping.WaitAsync(Patience);
        }

        // Everything was given back: another process has all of it at once, and nothing is in quarantine.
        using var again = Build(("Admission:DataFolder", folder.Path), ("Admission:Backends:db:Limit", "2"));
        await again.StartAsync();
        using var next = new AdmissionRateLimiter(again.Services.GetRequiredService<AdmissionClient>(), "db");
        using (var all = await next.AcquireAsync(2).AsTask().WaitAsync(Patience))
        {
            all.IsAcquired.ShouldBeTrue();
        }

        await again.StopAsync();
    }

    [Fact]
    public void Every_mistake_of_the_configuration_is_told_at_once()
    {
        var wrong = Should.Throw<AdmissionConfigurationException>(() => Build(
            ("Cluster:ClusterId", "x"),
            ("Admission:Backend:db:Limit", "2"),
            ("Admission:StartTimeout", "11m"),
            ("Admission:HolderName", ""),
            ("Admission:Backends:none:Overflow", "Wait"),
            ("Admission:Backends:db:Limit", "-1"),
            ("Admission:Backends:db:Overflow", "Waits"),
            ("Admission:Backends:db:Queue:Capacity", "0"),
            ("Admission:Backends:db:LeaseTtl", "30"),
            ("Admission:Backends:short:Limit", "2"),
            ("Admission:Backends:short:LeaseTtl", "1s")));

        foreach (var place in new[]
        {
            "Cluster:ConnectionString: missing", "Admission:Backend: there is no such setting. Did you mean 'Backends'?", "Admission:StartTimeout: ", "Admission:HolderName: ",
            "Admission:Backends:none:Limit: missing", "Admission:Backends:db:Limit: ", "Admission:Backends:db:Overflow: 'Waits' is not possible", "Admission:Backends:db:LeaseTtl: '30' is not understood",
            "Admission:Backends:short:LeaseTtl: ",
        })
        {
            wrong.Message.ShouldContain(place);
        }
    }

    [Fact]
    public void One_program_is_one_client()
    {
        using var folder = new TemporaryFolder();
        var builder = Builder(("Admission:DataFolder", folder.Path));
        builder.Services.AddAdmissionClient(builder.Configuration);

        Should.Throw<InvalidOperationException>(() => builder.Services.AddAdmissionClient(builder.Configuration)).Message.ShouldContain("Admission:Backends");
    }

    [Fact]
    public async Task A_program_whose_cluster_is_away_starts_all_the_same_and_refuses()
    {
        // Nobody listens there.
        using var host = Build(
            ("Cluster:ConnectionString", $"Host=127.0.0.1;Port={FreePort.Take()};Username=nobody;Database=nowhere"), ("Admission:StartTimeout", "100ms"), ("Admission:Backends:db:Limit", "2"));
        await host.StartAsync().WaitAsync(Patience);
        using var limiter = new AdmissionRateLimiter(host.Services.GetRequiredService<AdmissionClient>(), "db");

        var refused = await limiter.AcquireAsync().AsTask().WaitAsync(Patience);

        refused.IsAcquired.ShouldBeFalse();
        refused.TryGetMetadata(AdmissionMetadata.Reason, out var reason).ShouldBeTrue();
        reason.ShouldBe(RefusalReason.UnknownBackend);
        await host.StopAsync().WaitAsync(Patience);
    }

    private static HostApplicationBuilder Builder(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create<string, string?>(setting.Key, setting.Value)));
        builder.Logging.ClearProviders();
        return builder;
    }

    private static IHost Build(params (string Key, string Value)[] settings)
    {
        var builder = Builder(settings);
        builder.Services.AddAdmissionClient(builder.Configuration);
        return builder.Build();
    }
}
