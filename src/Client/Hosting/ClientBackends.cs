using Admission.Grains.Cluster;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Admission.Client.Hosting;

/// <summary>
/// Puts the policies of the configuration in force when the program starts, and gives every permit back when it stops.
/// </summary>
/// <remarks>
/// What the program adds after the client starts later and stops earlier: it finds the policies in force, and gives back what it has before the client leaves. A start does not fail because ledgers are away:
/// after the time-out it goes on, with refusals that say so, and the policies are delivered as soon as it is possible.
/// </remarks>
internal sealed partial class ClientBackends(AdmissionClient client, ClientSettings settings, TimeProvider time, ILogger<ClientBackends> logger, ClusterStart? cluster = null) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _configuring = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _configuring = ConfigureAsync(_stopping.Token);
        try
        {
            await _configuring.WaitAsync(settings.StartTimeout, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            LogStartsWithout(settings.StartTimeout.TotalSeconds, cluster?.Missing ?? "the ledgers do not answer");
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _configuring.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await client.StopAsync(cancellationToken);
    }

    public void Dispose() => _stopping.Dispose();

    private async Task ConfigureAsync(CancellationToken cancellation)
    {
        if (cluster is not null)
        {
            await cluster.Running.WaitAsync(cancellation);
        }

        await Task.WhenAll(settings.Backends.Select(async each =>
        {
            var answer = await client.ConfigureAsync(each.Key, each.Value, cancellation);
            if (answer.Errors.Length > 0)
            {
                LogRefused(each.Key, string.Join(" ", answer.Errors));
            }
        }));
    }

    [LoggerMessage(1100, LogLevel.Warning, "The program starts without the ledgers of its backends, after {Seconds:F0} s: {Reason}. Until they answer, requests are refused.")]
    private partial void LogStartsWithout(double seconds, string reason);

    [LoggerMessage(1101, LogLevel.Error, "The policy of the backend '{Backend}' in the configuration was refused: {Errors}")]
    private partial void LogRefused(string backend, string errors);
}
