using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Fallback.Contracts;

namespace Orleans.Fallback.Engine;

/// <summary>Starts and stops the silo with the host.</summary>
internal sealed partial class SiloHostedService(
    IEnumerable<IConfigurationValidator> validators,
    ApplicationTypes types,
    Lazy<Catalog> catalog,
    SiloGate gate,
    TimeProvider time,
    IOptions<GrainCollectionOptions> collection,
    ILogger<SiloHostedService> log) : IHostedService, IDisposable
{
    private ITimer? _collector;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var validator in validators)
        {
            validator.ValidateConfiguration();
        }

        ContractChecker.Check(types);
        var owned = catalog.Value;
        _collector = time.CreateTimer(
            _ => owned.CollectIdle(), state: null, collection.Value.CollectionQuantum, collection.Value.CollectionQuantum);
        gate.Refusal = null;
        LogStarted();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (gate.Refusal is not null)
        {
            return;
        }

        _collector?.Dispose();
        await catalog.Value.StopAsync(cancellationToken);
        gate.Refusal = "The silo has stopped";
        LogStopped();
    }

    public void Dispose() => _collector?.Dispose();

    [LoggerMessage(9141, LogLevel.Information, "Silo started (Orleans fallback, not for production)")]
    private partial void LogStarted();

    [LoggerMessage(9142, LogLevel.Information, "Silo stopped")]
    private partial void LogStopped();
}
