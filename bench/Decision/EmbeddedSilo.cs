using Admission.Client;
using Admission.Grains;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace Admission.Decision;

/// <summary>A silo with the capacity grains and a client in this process, as the gateway has them.</summary>
internal sealed class EmbeddedSilo : IAsyncDisposable
{
    private readonly string _data = Directory.CreateTempSubdirectory("admission-bench-").FullName;
    private readonly IHost _host;

    private EmbeddedSilo()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.UseOrleans(silo => silo.UseLocalhostClustering().AddAdmissionGrains(_data));
        builder.Services.AddAdmissionClient();
        _host = builder.Build();
    }

    public AdmissionClient Client => _host.Services.GetRequiredService<AdmissionClient>();

    public static async Task<EmbeddedSilo> StartAsync()
    {
        var silo = new EmbeddedSilo();
        await silo._host.StartAsync();
        return silo;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        Directory.Delete(_data, recursive: true);
    }
}
