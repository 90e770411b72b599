using System.Net;
using System.Net.Sockets;
using Orleans.Configuration;

namespace Admission.Grains.Cluster;

/// <summary>The ports of a silo. They are held from the choice to the moment in which the engine listens there, so that two silos that start at once choose different ones.</summary>
internal sealed class SiloPorts : IDisposable
{
    private readonly List<ReservedPort> _reserved = [];

    private SiloPorts()
    {
    }

    /// <summary>Where other silos reach it.</summary>
    public int Silo { get; private set; }

    /// <summary>Where frontends reach it.</summary>
    public int Gateway { get; private set; }

    /// <summary>Where it listens for other silos.</summary>
    public int SiloListen { get; private set; }

    /// <summary>Where it listens for frontends.</summary>
    public int GatewayListen { get; private set; }

    /// <summary>The silo's name in logs and in the table of members.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Chooses: what is configured, else the default, else a free one.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="errors">Takes what cannot be had.</param>
    public static SiloPorts Choose(ClusterSettings settings, List<string> errors)
    {
        var ports = new SiloPorts();
        (ports.Silo, ports.SiloListen) = ports.Reserve(settings, "Silo", settings.SiloPort, settings.SiloListenPort, EndpointOptions.DEFAULT_SILO_PORT, errors);
        (ports.Gateway, ports.GatewayListen) =
            ports.Reserve(settings, "Gateway", settings.GatewayPort, settings.GatewayListenPort, EndpointOptions.DEFAULT_GATEWAY_PORT, errors);
        ports.Name = $"{Environment.MachineName}:{ports.Silo}";
        return ports;
    }

    /// <summary>Lets them go, because the engine is about to take them.</summary>
    public void Release()
    {
        _reserved.ForEach(port => port.Dispose());
        _reserved.Clear();
    }

    public void Dispose() => Release();

    private (int Port, int Listen) Reserve(ClusterSettings settings, string kind, int? configured, int? listen, int standard, List<string> errors)
    {
        try
        {
            var reserved = (listen ?? configured) is { } wanted
                ? ReservedPort.Take(settings.ListenAddress, wanted)
                : ReservedPort.TakeOrAny(settings.ListenAddress, standard);
            reserved.TurnAway();
            _reserved.Add(reserved);
            return (configured ?? reserved.Port, reserved.Port);
        }
        catch (SocketException failure) when (failure.SocketErrorCode == SocketError.AddressAlreadyInUse)
        {
            var key = listen is null ? $"{kind}Port" : $"{kind}ListenPort";
            errors.Add($"{ClusterSettingsReader.SectionName}:{key}: {listen ?? configured} is in use at {settings.ListenAddress}. Stop what listens there, choose another one, or leave it out.");
        }
        catch (SocketException failure)
        {
            errors.Add($"{ClusterSettingsReader.SectionName}:ListenAddress: {settings.ListenAddress} is no address to listen at here ({failure.Message}). Give one of this machine, such as 0.0.0.0 for all of them.");
        }

        return default;
    }
}
