using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace Orleans.Fallback.Network;

/// <summary>Opens connections, through the middleware of the silo or client.</summary>
internal sealed class Dialer(Action<IConnectionBuilder> middleware, IServiceProvider services, TimeProvider time, ILoggerFactory logs) : IDisposable
{
    private readonly SocketConnectionContextFactory _factory = new(new SocketConnectionFactoryOptions(), logs.CreateLogger<Dialer>());

    /// <summary>Opens a connection and runs it to its end.</summary>
    /// <param name="endpoint">Where to.</param>
    /// <param name="run">What to do with it after the middleware. It calls the action when the attempt has succeeded.</param>
    /// <param name="cancellation">Ends the attempt; what has succeeded is not touched.</param>
    public async Task RunAsync(EndPoint endpoint, Func<ConnectionContext, Action, Task> run, CancellationToken cancellation)
    {
        var socket = await ConnectAsync(endpoint, cancellation);
        await using var connection = _factory.Create(socket);
        var reached = false;
        using var attempt = cancellation.UnsafeRegister(static state => ((ConnectionContext)state!).Abort(), connection);
        var builder = new ConnectionBuilder(services);
        middleware(builder);
        _ = builder.Run(context =>
        {
            reached = true;
            return run(context, attempt.Dispose);
        });
        await builder.Build()(connection);
        if (!reached)
        {
            throw new ConnectionAbortedException("The connection middleware has ended the connection.");
        }
    }

    public void Dispose() => _factory.Dispose();

    private async Task<Socket> ConnectAsync(EndPoint endpoint, CancellationToken cancellation)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            SocketSettings.Apply(socket);
            using var limit = new CancellationTokenSource(NetworkLimits.ConnectTime, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellation);
            try
            {
                await socket.ConnectAsync(endpoint, both.Token);
            }
            catch (OperationCanceledException exception) when (limit.IsCancellationRequested)
            {
                throw new TimeoutException($"There was no connection to {endpoint} within {NetworkLimits.ConnectTime}.", exception);
            }

            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
