using Admission.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans;
using Orleans.Hosting;

namespace Admission.Engine.Tests;

/// <summary>One silo with its client, on ports of its own, for one test.</summary>
public sealed class EngineHost : IAsyncDisposable
{
    private EngineHost(IHost host) => Host = host;

    public IHost Host { get; }

    public IClusterClient Client => Host.Services.GetRequiredService<IClusterClient>();

    public Signals Signals => Host.Services.GetRequiredService<Signals>();

    public static async Task<EngineHost> StartAsync(Action<ISiloBuilder>? configure = null)
    {
        var host = Build(configure);
        await host.StartAsync();
        return new EngineHost(host);
    }

    public static IHost Build(Action<ISiloBuilder>? configure = null)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateApplicationBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.Services.AddSingleton<Signals>();
        _ = builder.UseOrleans(silo =>
        {
            _ = silo.UseLocalhostClustering(NextPort(), NextPort())
                .AddMemoryGrainStorageAsDefault();
            configure?.Invoke(silo);
        });
        return builder.Build();
    }

    public static int NextPort() => FreePort.Take();

    public async ValueTask DisposeAsync()
    {
        await Host.StopAsync();
        Host.Dispose();
    }
}
