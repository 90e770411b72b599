using System.Diagnostics.Metrics;
using Admission.Capacity;
using Admission.Grains;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace Admission.Client.Tests;

/// <summary>A silo in this process, with state in a folder of its own, and clients beside it.</summary>
internal sealed class TestCluster : IAsyncDisposable
{
    private readonly IHost _host;
    private readonly List<AdmissionClient> _clients = [];

    private TestCluster(IHost host, string folder)
    {
        _host = host;
        Folder = folder;
    }

    public string Folder { get; }

    public IMeterFactory Meters => _host.Services.GetRequiredService<IMeterFactory>();

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public static async Task<TestCluster> StartAsync(string? folder = null)
    {
        folder ??= Directory.CreateTempSubdirectory("admission-test-").FullName;
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo.UseLocalhostClustering(Testing.FreePort.Take(), gatewayPort: 0).AddAdmissionGrains(folder));
        var host = builder.Build();
        await host.StartAsync();
        return new TestCluster(host, folder);
    }

    /// <summary>A client; <paramref name="grains"/> in place of those of the silo.</summary>
    public AdmissionClient Client(IGrainFactory? grains = null)
    {
        var client = ActivatorUtilities.CreateInstance<AdmissionClient>(
            _host.Services, grains ?? Grains, Microsoft.Extensions.Options.Options.Create(new AdmissionClientOptions()), TimeProvider.System);
        _clients.Add(client);
        return client;
    }

    public async Task<AdmissionClient> ClientAsync(string backend, BackendPolicy policy)
    {
        var client = Client();
        (await client.ConfigureAsync(backend, policy)).Errors.ShouldBeEmpty();
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            await client.DisposeAsync();
        }

        await _host.StopAsync();
        _host.Dispose();
    }
}
