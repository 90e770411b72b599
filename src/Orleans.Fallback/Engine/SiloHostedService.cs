using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Fallback.Contracts;
using Orleans.Fallback.Membership;
using Orleans.Fallback.Network;
using Orleans.Runtime;

namespace Orleans.Fallback.Engine;

/// <summary>Starts and stops the silo with the host.</summary>
/// <remarks>
/// A planned stop loses no call: first the others learn that this silo takes no more grains, then its grains end (and requests that
/// wait or still come are sent on to their new owners), then the peers are told to send nothing more and what is under way is answered,
/// and only then the connections close and the silo is gone.
/// </remarks>
internal sealed partial class SiloHostedService(
    IEnumerable<IConfigurationValidator> validators,
    ApplicationTypes types,
    Lazy<Catalog> catalog,
    SiloGate gate,
    IMembershipAgent membership,
    NetworkSwitch networked,
    Lazy<ClusterNetwork> network,
    Lazy<SiloListeners> listeners,
    Lazy<Relocation> relocation,
    TimeProvider time,
    IOptions<GrainCollectionOptions> collection,
    ILogger<SiloHostedService> log) : IHostedService, IDisposable
{
    private ITimer? _collector;
    private int _stopped;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var validator in validators)
        {
            validator.ValidateConfiguration();
        }

        ContractChecker.Check(types);
        var owned = catalog.Value;
        try
        {
            await JoinAsync(cancellationToken);
        }
        catch
        {
            await LeaveAsync(cancellationToken);
            throw;
        }

        _collector = time.CreateTimer(
            _ => Collect(owned), state: null, collection.Value.CollectionQuantum, collection.Value.CollectionQuantum);
        LogStarted();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        // A start that failed has cleaned up after itself.
        if (_collector is null || Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        _collector.Dispose();
        if (membership.Failed.IsCancellationRequested)
        {
            // The others have given this silo's grains to new owners: nothing may be handed over.
            Abort();
        }
        else
        {
            await membership.BeginShutdownAsync(cancellationToken);
            if (networked.IsOn)
            {
                network.Value.Placement.Leave();
            }

            await catalog.Value.StopAsync(cancellationToken);
        }

        await LeaveAsync(cancellationToken);
        LogStopped();
    }

    public void Dispose() => _collector?.Dispose();

    private static void Collect(Catalog owned)
    {
        owned.CollectIdle();
        owned.MoveAway();
    }

    private async Task JoinAsync(CancellationToken cancellation)
    {
        if (networked.IsOn)
        {
            _ = relocation.Value;
            _ = membership.Failed.UnsafeRegister(static self => ((SiloHostedService)self!).Abort(), this);
            await listeners.Value.ListenForSilosAsync(cancellation);
        }

        await membership.JoinAsync(cancellation);
        gate.Refusal = null;
        if (networked.IsOn)
        {
            await listeners.Value.ListenForClientsAsync(cancellation);
        }

        await membership.BecomeActiveAsync(cancellation);
    }

    private async Task LeaveAsync(CancellationToken cancellation)
    {
        if (networked.IsOn)
        {
            await listeners.Value.StopAsync();
            await network.Value.Links.StopIncomingAsync(cancellation);
        }

        gate.Refusal = "The silo has stopped";

        // The others hear of it over the connections that are closed last.
        await membership.EndAsync(cancellation);
        if (networked.IsOn)
        {
            await network.Value.Links.StopAsync(cancellation);
        }
    }

    private void Abort() => network.Value.Links.Abort(new SiloUnavailableException("This silo is not a member of the cluster any more."));

    [LoggerMessage(9141, LogLevel.Information, "Silo started (Orleans fallback, not for production)")]
    private partial void LogStarted();

    [LoggerMessage(9142, LogLevel.Information, "Silo stopped")]
    private partial void LogStopped();
}
