using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;

namespace Admission.Frontend.Sample;

/// <summary>Something to try the gateway with: two servers in this process that do one thing at a time, and say so when they had to do more.</summary>
internal sealed class SampleBackend : IAsyncDisposable
{
    private static readonly string[] Names = ["a", "b"];

    private readonly List<WebApplication> _servers = [];
    private readonly Dictionary<string, string?> _settings = new(StringComparer.OrdinalIgnoreCase)
    {
        ["ReverseProxy:Routes:sample:ClusterId"] = "sample",
        ["ReverseProxy:Routes:sample:Match:Path"] = "{**any}",
        ["Admission:Backends:sample:DestinationLimit"] = "1",
        ["Admission:Backends:sample:Overflow"] = "Wait",
        ["Admission:Backends:sample:Queue:Capacity"] = "100",
        ["Admission:Backends:sample:Queue:MaxWait"] = "10s",
    };

    private SampleBackend()
    {
    }

    /// <summary>The configuration that puts the gateway in front of it.</summary>
    public IReadOnlyDictionary<string, string?> Settings => _settings;

    /// <summary>Starts the servers on free ports of this machine.</summary>
    public static async Task<SampleBackend> StartAsync()
    {
        var sample = new SampleBackend();
        foreach (var name in Names)
        {
            var address = await sample.StartAsync(new OneAtATime(name, TimeProvider.System));
            sample._settings[$"ReverseProxy:Clusters:sample:Destinations:{name}:Address"] = address;
        }

        return sample;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    private async Task<string> StartAsync(OneAtATime work)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var server = builder.Build();
        server.Run(work.ServeAsync);
        await server.StartAsync();
        _servers.Add(server);
        return server.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
    }
}
