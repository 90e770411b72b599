using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;

namespace Admission.Frontend.Tests.Support;

/// <summary>A backend on a free port, which counts who is inside.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private int _inside;
    private int _greatest;
    private int _seen;

    private TestServer(RequestDelegate handler, HttpProtocols protocols)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols);
        });
        _app = builder.Build();
        _app.UseWebSockets();
        _app.Run(async context =>
        {
            Interlocked.Increment(ref _seen);
            var inside = Interlocked.Increment(ref _inside);
            InterlockedMax(inside);
            try
            {
                await handler(context);
            }
            finally
            {
                Interlocked.Decrement(ref _inside);
            }
        });
    }

    public int Inside => Volatile.Read(ref _inside);

    public int Greatest => Volatile.Read(ref _greatest);

    public int Seen => Volatile.Read(ref _seen);

    public string Address { get; private set; } = "";

    public static async Task<TestServer> StartAsync(RequestDelegate handler, HttpProtocols protocols = HttpProtocols.Http1)
    {
        var server = new TestServer(handler, protocols);
        await server._app.StartAsync();
        server.Address = server._app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
        return server;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private void InterlockedMax(int inside)
    {
        for (var greatest = _greatest; inside > greatest; greatest = _greatest)
        {
            Interlocked.CompareExchange(ref _greatest, inside, greatest);
        }
    }
}
