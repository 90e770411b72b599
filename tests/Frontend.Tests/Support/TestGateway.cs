using System.Net;
using Admission.Capacity;
using Admission.Client;
using Admission.Frontend.Api;
using Admission.Frontend.Buffering;
using Admission.Frontend.Discovery;
using Admission.Frontend.Forwarding;
using Admission.Grains;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Hosting;

namespace Admission.Frontend.Tests.Support;

/// <summary>A gateway of somebody's own: YARP with AddAdmission, on a free port, with a silo beside it. Everything goes to one cluster, "model".</summary>
internal sealed class TestGateway : IAsyncDisposable
{
    public const string Backend = "model";

    private readonly TemporaryFolder _folder = new();
    private readonly ChangingConfiguration _configuration = new();
    private readonly WebApplication _app;

    private TestGateway(Dictionary<string, string?> settings, HttpProtocols protocols, Action<SocketsHttpHandler>? connections, Func<string, object?>? store, IHostAddresses? names)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        settings["Admission:DataFolder"] = _folder.Path;
        _configuration.Replace(settings);
        builder.Configuration.Sources.Add(_configuration);
        builder.Logging.AddProvider(Log);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols);
        });
        builder.Services.AddRouting();
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);
        builder.UseOrleans(silo => silo.UseLocalhostClustering(Testing.FreePort.Take(), gatewayPort: 0).AddAdmissionGrains(_folder.Path));
        builder.Services.AddSingleton<TimeProvider>(Time);
        builder.Services.AddDashboardFeed();
        var proxy = builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy"));
        (connections is null ? proxy : proxy.ConfigureHttpClient((_, handler) => connections(handler))).AddAdmission().AddAdmission();
        if (names is not null)
        {
            builder.Services.Replace(ServiceDescriptor.Singleton(names));
        }

        var grains = builder.Services.Last(service => service.ServiceType == typeof(IGrainFactory));
        builder.Services.Replace(ServiceDescriptor.Singleton<IGrainFactory>(services => Network.Around(Create(grains, services), this)));
        if (store is not null)
        {
            var jobs = builder.Services.Last(service => service.ServiceType == typeof(Jobs.IJobStore));
            builder.Services.Replace(ServiceDescriptor.Singleton(services =>
                Testing.Between<Jobs.IJobStore>.Before((Jobs.IJobStore)jobs.ImplementationFactory!(services), store)));
        }

        _app = builder.Build();
        _app.Use((context, next) =>
        {
            context.Connection.RemoteIpAddress = context.Request.Headers["X-Test-Remote"] is [{ } remote] ? IPAddress.Parse(remote) : context.Connection.RemoteIpAddress;
            if (context.Request.Headers.ContainsKey("X-Test-Leaves"))
            {
                Left = LeavesNow.PutInto(context);
            }

            return next();
        });
        _app.MapAdmissionApi();
        _app.MapReverseProxy(proxy =>
        {
            proxy.UseAdmission();
            proxy.Use(async (context, next) =>
            {
                if (context.Request.Headers.ContainsKey("X-Test-Stalls"))
                {
                    Time.Stall(TimeSpan.FromMinutes(2));
                }

                if (context.Request.Headers.ContainsKey("X-Test-Throws"))
                {
                    for (var i = 0; i < 128; i++)
                    {
                        await context.Response.Body.WriteAsync(new byte[64 << 10]);
                    }

                    throw new InvalidOperationException("The test wants it so.");
                }

                await next();
            });
            proxy.UseLoadBalancing();
        });
    }

    /// <summary>Nothing goes to the ledger any more, and nothing comes back.</summary>
    public bool IsCutOff { get; set; }

    /// <summary>The response to the client that left (header <c>X-Test-Leaves</c>).</summary>
    public LeavesNow? Left { get; private set; }

    public LogCollector Log { get; } = new();

    public StallingTime Time { get; } = new();

    public string Address { get; private set; } = "";

    public int Port => new Uri(Address).Port;

    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(30) };

    public AdmissionClient Client => _app.Services.GetRequiredService<AdmissionClient>();

    public Jobs.IJobStore Jobs => _app.Services.GetRequiredService<Jobs.IJobStore>();

    /// <summary>Long polls and event streams that wait.</summary>
    public int Watching => _app.Services.GetRequiredService<JobWatchers>().Count;

    public Buffers Buffers => _app.Services.GetRequiredService<Buffers>();

    public IEnumerable<Microsoft.AspNetCore.Http.Endpoint> Endpoints => ((Microsoft.AspNetCore.Routing.IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints);

    public BackendTable Backends => _app.Services.GetRequiredService<BackendTable>();

    public string BufferFolder => Path.Combine(_folder.Path, "buffers");

    /// <summary>Starts a gateway with a policy, given as keys below the backend's section; <paramref name="store"/> may answer calls of the store of jobs.</summary>
    public static async Task<TestGateway> StartAsync(
        TestServer server, Dictionary<string, string?> policy, Dictionary<string, string?>? route = null, HttpProtocols protocols = HttpProtocols.Http1,
        Dictionary<string, string?>? cluster = null, string shutdownTimeout = "200ms", bool cutOff = false, Action<SocketsHttpHandler>? connections = null, Func<string, object?>? store = null, params TestServer[] more)
    {
        var settings = Settings([server, .. more], policy, route);
        settings["Admission:ShutdownTimeout"] = shutdownTimeout;
        foreach (var (key, value) in cluster ?? [])
        {
            settings[$"ReverseProxy:Clusters:{Backend}:{key}"] = value;
        }

        return await StartAsync(settings, protocols, cutOff, connections, store);
    }

    /// <summary>Starts a gateway with all of its settings.</summary>
    public static async Task<TestGateway> StartAsync(
        Dictionary<string, string?> settings, HttpProtocols protocols = HttpProtocols.Http1, bool cutOff = false, Action<SocketsHttpHandler>? connections = null,
        Func<string, object?>? store = null, IHostAddresses? names = null)
    {
        var gateway = new TestGateway(settings, protocols, connections, store, names) { IsCutOff = cutOff };
        await gateway._app.StartAsync();
        gateway.Address = gateway._app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        gateway.Http.BaseAddress = new Uri(gateway.Address);
        await Until.TrueAsync(() => cutOff || gateway.Backends.All.All(backend => backend.Delivered), "No ledger has the policy.");
        return gateway;
    }

    public static Dictionary<string, string?> Settings(TestServer[] servers, Dictionary<string, string?> policy, Dictionary<string, string?>? route = null)
    {
        var settings = new Dictionary<string, string?>
        {
            ["ReverseProxy:Routes:all:ClusterId"] = Backend,
            ["ReverseProxy:Routes:all:Match:Path"] = "{**any}",
        };
        for (var i = 0; i < servers.Length; i++)
        {
            settings[$"ReverseProxy:Clusters:{Backend}:Destinations:{(char)('a' + i)}:Address"] = servers[i].Address;
        }

        foreach (var (key, value) in policy)
        {
            settings[$"Admission:Backends:{Backend}:{key}"] = value;
        }

        foreach (var (key, value) in route ?? [])
        {
            settings[$"ReverseProxy:Routes:all:Metadata:{key}"] = value;
        }

        return settings;
    }

    public void Change(Dictionary<string, string?> settings)
    {
        settings["Admission:DataFolder"] = _folder.Path;
        _configuration.Replace(settings);
    }

    public Task StopAsync() => _app.StopAsync();

    public Task<HttpResponseMessage> GetAsync(string path = "/") => Http.GetAsync(path);

    /// <summary>Every permit comes back: all of them can be had at once.</summary>
    public Task PermitsComeBackAsync(int limit = 1) => Until.TrueAsync(
        async () =>
        {
            var outcome = await Client.AcquireAsync(Backend, new AdmissionRequest { Weight = limit, MaxWait = TimeSpan.Zero });
            if (outcome.IsAdmitted)
            {
                outcome.Permit.Dispose();
            }

            return outcome.IsAdmitted;
        },
        $"{limit} permits are not free.");

    private static IGrainFactory Create(ServiceDescriptor descriptor, IServiceProvider services) =>
        (IGrainFactory)(descriptor.ImplementationInstance ?? descriptor.ImplementationFactory?.Invoke(services)
            ?? ActivatorUtilities.CreateInstance(services, descriptor.ImplementationType!));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }
}
