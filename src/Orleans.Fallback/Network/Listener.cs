using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orleans.Fallback.Network;

/// <summary>Takes connections at one endpoint, through the silo's middleware.</summary>
internal sealed partial class Listener(ConnectionDelegate serve, TimeProvider time, ILoggerFactory logs, ILogger log) : IDisposable
{
    private readonly SemaphoreSlim _strangers = new(NetworkLimits.MaxStrangers);
    private readonly CancellationTokenSource _stop = new();
    private IConnectionListener? _listener;
    private Task _accepting = Task.CompletedTask;

    /// <summary>Begins to listen.</summary>
    /// <exception cref="IOException">Something else listens there.</exception>
    public async Task StartAsync(EndPoint endpoint, CancellationToken cancellation)
    {
        var factory = new SocketTransportFactory(Options.Create(new SocketTransportOptions { NoDelay = true }), logs);
        _listener = await factory.BindAsync(endpoint, cancellation);
        _accepting = AcceptAsync(_listener);
    }

    /// <summary>Takes no more connections. Those that are open stay.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        if (_listener is not null)
        {
            await _listener.UnbindAsync();
            await _accepting;
            await _listener.DisposeAsync();
        }
    }

    /// <summary>Takes no more connections, without waiting.</summary>
    public void Dispose()
    {
        _stop.Cancel();
        _ = _listener?.DisposeAsync().AsTask();
    }

    private async Task AcceptAsync(IConnectionListener listener)
    {
        while (true)
        {
            try
            {
                if (await listener.AcceptAsync(_stop.Token) is not { } connection)
                {
                    return;
                }

                if (_strangers.Wait(0, CancellationToken.None))
                {
                    _ = ServeAsync(connection);
                }
                else
                {
                    LogTooMany(connection.RemoteEndPoint, NetworkLimits.MaxStrangers);
                    connection.Abort();
                    await connection.DisposeAsync();
                }
            }
            catch (Exception exception) when (_stop.IsCancellationRequested && exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (Exception exception)
            {
                // One connection that fails in the moment in which it is accepted must not end the listener.
                LogNotAccepted(exception);
            }
        }
    }

    private async Task ServeAsync(ConnectionContext connection)
    {
        // A stranger has this long to become known.
        var known = new KnownSignal(_strangers);
        connection.Features.Set(known);
        await using var timer = time.CreateTimer(
            _ => known.EndIfUnknown(connection), state: null, NetworkLimits.HandshakeTime, Timeout.InfiniteTimeSpan);
        try
        {
            if (connection.Features.Get<IConnectionSocketFeature>() is { } feature)
            {
                SocketSettings.Apply(feature.Socket);
            }

            await serve(connection);
        }
        catch (Exception exception)
        {
            LogFailed(exception, connection.RemoteEndPoint);
        }
        finally
        {
            known.Release();
            await connection.DisposeAsync();
        }
    }

    [LoggerMessage(9211, LogLevel.Warning, "A connection from {Endpoint} was closed: {Most} others have not introduced themselves yet")]
    private partial void LogTooMany(EndPoint? endpoint, int most);

    [LoggerMessage(9212, LogLevel.Warning, "A connection could not be accepted")]
    private partial void LogNotAccepted(Exception exception);

    [LoggerMessage(9213, LogLevel.Information, "A connection from {Endpoint} failed")]
    private partial void LogFailed(Exception exception, EndPoint? endpoint);
}

/// <summary>Whether the other side of a connection has introduced itself.</summary>
internal sealed class KnownSignal(SemaphoreSlim strangers)
{
    private int _released;
    private volatile bool _known;

    /// <summary>It has.</summary>
    public void Set()
    {
        _known = true;
        Release();
    }

    public void EndIfUnknown(ConnectionContext connection)
    {
        if (!_known)
        {
            connection.Abort(new ConnectionAbortedException("The other side did not introduce itself in time."));
        }
    }

    /// <summary>Makes room for the next stranger.</summary>
    public void Release()
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            _ = strangers.Release();
        }
    }
}
