using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.Hosting;

namespace Admission.Grains.Cluster;

/// <summary>Puts the handshake before everything else on the engine's connections.</summary>
internal static class HandshakeExtensions
{
    /// <summary>Connections to a silo's two ports, and its own to other silos.</summary>
    public static void UseHandshake(this ISiloBuilder silo) =>
        silo.Services.AddOptions<SiloConnectionOptions>().Configure<Handshake>(static (options, handshake) =>
        {
            options.ConfigureSiloInboundConnection(connection => connection.Use(next => handshake.Accept(next, HandshakePurpose.Silo)));
            options.ConfigureSiloOutboundConnection(connection => connection.Use(next => handshake.Open(next, HandshakePurpose.Silo)));
            options.ConfigureGatewayInboundConnection(connection => connection.Use(next => handshake.Accept(next, HandshakePurpose.Client)));
        });

    /// <summary>A client's connections to silos.</summary>
    public static void UseHandshake(this IClientBuilder client) =>
        client.Services.AddOptions<ClientConnectionOptions>().Configure<Handshake>(static (options, handshake) =>
            options.ConfigureConnection(connection => connection.Use(next => handshake.Open(next, HandshakePurpose.Client))));
}
