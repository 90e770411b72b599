using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Fallback.Contracts;
using Orleans.Fallback.Engine;
using Orleans.Fallback.Membership;
using Orleans.Fallback.Network;
using Orleans.Runtime;

namespace Orleans.Fallback.Client;

/// <summary>Connects the client when the host starts.</summary>
/// <remarks>
/// It keeps a connection to every gateway: grains on any silo may have to notify an observer here, and the silos that are left tell
/// the client when one of them has gone.
/// </remarks>
internal sealed partial class ClientHostedService(
    IEnumerable<IConfigurationValidator> validators,
    ApplicationTypes types,
    Lazy<ClusterNetwork> network,
    IServiceProvider services,
    SiloGate gate,
    TimeProvider time,
    ILogger<ClientHostedService> log) : IHostedService, IDisposable
{
    private static readonly TimeSpan KeepPeriod = TimeSpan.FromSeconds(1);

    private ITimer? _keeper;

    private IMembershipAgent Agent => services.GetRequiredService<IMembershipAgent>();

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var validator in validators)
        {
            validator.ValidateConfiguration();
        }

        ContractChecker.Check(types);
        _ = network.Value;
        await Agent.JoinAsync(cancellationToken);
        var filter = services.GetService<IClientConnectionRetryFilter>();
        while (await ConnectAsync(cancellationToken) is { } failure)
        {
            LogNotConnected(failure.Message);
            if (filter is null || !await filter.ShouldRetryConnectionAttempt(failure, cancellationToken))
            {
                await StopAsync(cancellationToken);
                throw failure;
            }
        }

        gate.Refusal = null;
        _keeper = time.CreateTimer(_ => Keep(), state: null, TimeSpan.Zero, KeepPeriod);
        LogConnected();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        gate.Refusal = "The client has stopped";
        _keeper?.Dispose();
        await network.Value.Links.StopAsync(cancellationToken);
        await Agent.EndAsync(cancellationToken);
    }

    public void Dispose() => _keeper?.Dispose();

    private void Keep()
    {
        if (gate.Refusal is null)
        {
            network.Value.Links.Keep(network.Value.Placement.View.Active);
        }
    }

    /// <summary>Connects to one gateway at least; returns why there is none.</summary>
    private async Task<Exception?> ConnectAsync(CancellationToken cancellation)
    {
        await network.Value.RefreshAsync();
        var failures = new List<Exception>();
        foreach (var silo in network.Value.Placement.View.Active)
        {
            try
            {
                if (network.Value.Links.To(silo.Address) is { } link)
                {
                    await link.Open.WaitAsync(NetworkLimits.ConnectTime + NetworkLimits.HandshakeTime, time, cancellation);
                    return null;
                }
            }
            catch (Exception exception) when (exception is OrleansException or TimeoutException)
            {
                failures.Add(exception);
            }
        }

        if (failures is [var first, ..])
        {
            return new SiloUnavailableException($"Could not connect to any gateway: {first.Message}", first);
        }

        // Without a table the gateways themselves are asked who they are.
        const string None = "Could not find any gateway: no silo is known to be active.";
        return services.GetService<GatewayMembership>()?.LastFailure is { } unanswered
            ? new SiloUnavailableException($"{None} {unanswered.Message}", unanswered)
            : new SiloUnavailableException(None);
    }

    [LoggerMessage(9271, LogLevel.Information, "Connected to the cluster (Orleans fallback, not for production)")]
    private partial void LogConnected();

    [LoggerMessage(9272, LogLevel.Warning, "Not connected to the cluster: {Cause}")]
    private partial void LogNotConnected(string cause);
}
