using Microsoft.AspNetCore.Connections;

namespace Orleans.Configuration;

/// <summary>The middleware of a silo's connections. It runs before anything of the engine is read or written.</summary>
public class SiloConnectionOptions : SiloConnectionOptions.ISiloConnectionBuilderOptions
{
    private Action<IConnectionBuilder>? _siloOutbound;
    private Action<IConnectionBuilder>? _siloInbound;
    private Action<IConnectionBuilder>? _gatewayInbound;

    /// <summary>Adds to the connections that this silo opens to others.</summary>
    public void ConfigureSiloOutboundConnection(Action<IConnectionBuilder> configure) => _siloOutbound += configure;

    /// <summary>Adds to the connections that other silos open.</summary>
    public void ConfigureSiloInboundConnection(Action<IConnectionBuilder> configure) => _siloInbound += configure;

    /// <summary>Adds to the connections that clients open.</summary>
    public void ConfigureGatewayInboundConnection(Action<IConnectionBuilder> configure) => _gatewayInbound += configure;

    void ISiloConnectionBuilderOptions.ConfigureSiloOutboundBuilder(IConnectionBuilder builder) => _siloOutbound?.Invoke(builder);

    void ISiloConnectionBuilderOptions.ConfigureSiloInboundBuilder(IConnectionBuilder builder) => _siloInbound?.Invoke(builder);

    void ISiloConnectionBuilderOptions.ConfigureGatewayInboundBuilder(IConnectionBuilder builder) => _gatewayInbound?.Invoke(builder);

    /// <summary>The reader's side of these options.</summary>
    public interface ISiloConnectionBuilderOptions
    {
        /// <summary>Applies what was added for connections to other silos.</summary>
        void ConfigureSiloOutboundBuilder(IConnectionBuilder builder);

        /// <summary>Applies what was added for connections from other silos.</summary>
        void ConfigureSiloInboundBuilder(IConnectionBuilder builder);

        /// <summary>Applies what was added for connections from clients.</summary>
        void ConfigureGatewayInboundBuilder(IConnectionBuilder builder);
    }
}

/// <summary>The middleware of a client's connections. It runs before anything of the engine is read or written.</summary>
public class ClientConnectionOptions
{
    private Action<IConnectionBuilder>? _connection;

    /// <summary>Adds to the connections that this client opens.</summary>
    public void ConfigureConnection(Action<IConnectionBuilder> configure) => _connection += configure;

    internal void ConfigureConnectionBuilder(IConnectionBuilder builder) => _connection?.Invoke(builder);
}
