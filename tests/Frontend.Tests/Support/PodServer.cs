using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests.Support;

/// <summary>One server at several addresses of this machine and one port, as pods are. A request ends when the test lets it: its path's last part is its name.</summary>
internal sealed class PodServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new(StringComparer.Ordinal);

    private PodServer(int port)
    {
        Port = port;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            foreach (var address in new[] { "127.0.0.1", "127.0.0.2", "127.0.0.3" })
            {
                kestrel.Listen(IPAddress.Parse(address), port);
            }
        });
        _app = builder.Build();
        _app.Run(async context =>
        {
            var name = context.Request.Path.Value!.TrimStart('/');
            Inside[name] = context.Connection.LocalIpAddress!.ToString();
            await Gate(name).Task.WaitAsync(TimeSpan.FromSeconds(20), context.RequestAborted);
            Inside.TryRemove(name, out _);
            await context.Response.WriteAsync($"{context.Connection.LocalIpAddress} {context.Request.Host.Host}");
        });
    }

    public int Port { get; }

    /// <summary>Who is inside, and where.</summary>
    public ConcurrentDictionary<string, string> Inside { get; } = new(StringComparer.Ordinal);

    public static async Task<PodServer> StartAsync()
    {
        var server = new PodServer(Testing.FreePort.Take());
        await server._app.StartAsync();
        return server;
    }

    /// <summary>Lets a request end, also one that has not come yet.</summary>
    public void LetGo(string name) => Gate(name).TrySetResult();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private TaskCompletionSource Gate(string name) => _gates.GetOrAdd(name, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
