using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Fallback.Membership;
using Orleans.Runtime;

namespace Orleans.Fallback.Network;

/// <summary>The silo's two ports: one for other silos, one for clients.</summary>
internal sealed partial class SiloListeners(
    Lazy<ClusterNetwork> network,
    IClusterMembership membership,
    LocalSilo silo,
    IOptions<EndpointOptions> endpoint,
    IOptions<SiloConnectionOptions> middleware,
    IOptions<ClusterOptions> cluster,
    IServiceProvider services,
    TimeProvider time,
    ILoggerFactory logs,
    ILogger<SiloListeners> log) : IDisposable
{
    private readonly List<Listener> _listeners = [];

    public Task ListenForSilosAsync(CancellationToken cancellation) => ListenAsync(
        endpoint.Value.SiloListeningEndpoint ?? silo.Address.Endpoint,
        forSilos: true,
        ((SiloConnectionOptions.ISiloConnectionBuilderOptions)middleware.Value).ConfigureSiloInboundBuilder,
        cancellation);

    public Task ListenForClientsAsync(CancellationToken cancellation) => silo.GatewayPort == 0
        ? Task.CompletedTask
        : ListenAsync(
            endpoint.Value.GatewayListeningEndpoint ?? new IPEndPoint(silo.Address.Endpoint.Address, silo.GatewayPort),
            forSilos: false,
            ((SiloConnectionOptions.ISiloConnectionBuilderOptions)middleware.Value).ConfigureGatewayInboundBuilder,
            cancellation);

    /// <summary>Takes no more connections. Those that are open stay.</summary>
    public Task StopAsync() => Task.WhenAll(_listeners.Select(listener => listener.StopAsync()));

    /// <summary>Closes the ports of a silo that was not stopped.</summary>
    public void Dispose()
    {
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }
    }

    private async Task ListenAsync(EndPoint where, bool forSilos, Action<IConnectionBuilder> configure, CancellationToken cancellation)
    {
        var builder = new ConnectionBuilder(services);
        configure(builder);
        _ = builder.Run(connection => WelcomeAsync(connection, forSilos));
        var listener = new Listener(builder.Build(), time, logs, log);
        await listener.StartAsync(where, cancellation);
        _listeners.Add(listener);
        LogListening(where, forSilos ? "silos" : "clients");
    }

    private async Task WelcomeAsync(ConnectionContext connection, bool forSilos)
    {
        var (hello, refusal) = await Handshake.AcceptAsync(
            connection, network.Value.Context.Serializer, silo.Address, hello => Refuse(hello, forSilos));
        if (refusal is not null)
        {
            LogRefused(connection.RemoteEndPoint, refusal);
            return;
        }

        connection.Features.Get<KnownSignal>()?.Set();
        if (hello.Wanted is not null)
        {
            await network.Value.Links.RunIncomingAsync(
                connection, new Peer(hello.Silo is null ? null : SiloAddress.FromParsableString(hello.Silo), hello.Client));
        }
    }

    private string? Refuse(Hello hello, bool forSilos)
    {
        if (hello.Cluster != cluster.Value.ClusterId)
        {
            return $"this is a silo of the cluster '{cluster.Value.ClusterId}', not of '{hello.Cluster}'.";
        }

        if (forSilos != (hello.Silo is not null) || hello.Silo is null == hello.Client is null)
        {
            return forSilos ? "this port is for silos only; clients use the gateway port." : "this port is for clients only; silos use the silo port.";
        }

        if (hello.Wanted is not null && hello.Wanted != silo.Address.ToParsableString())
        {
            return $"this is {silo.Address.ToParsableString()}, not {hello.Wanted}.";
        }

        return hello.Silo is not null && membership.Current.Members.Any(member =>
            member.Status == SiloStatus.Dead && member.Address.ToParsableString() == hello.Silo)
            ? $"{hello.Silo} is declared dead."
            : null;
    }

    [LoggerMessage(9261, LogLevel.Information, "Listening for {Peers} at {Endpoint}")]
    private partial void LogListening(EndPoint endpoint, string peers);

    [LoggerMessage(9262, LogLevel.Warning, "A connection from {Endpoint} is refused: {Reason}")]
    private partial void LogRefused(EndPoint? endpoint, string reason);
}
