using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Admission.Grains.Cluster;

/// <summary>
/// Starts the engine once what it needs is there, while the host and its health answers are up already: preparations first, each until it works, then the
/// hosted services that <see cref="ClusterStartExtensions.AddClusterStart"/> has put aside, in their order.
/// </summary>
/// <remarks>
/// Orleans' hosted service connects while it starts, and fails or waits if that is not possible; ASP.NET starts its server after it. Waiting in
/// the background instead leaves the order among all others as it is. It stops what it has started, in the reverse order, at its own place in the host's order.
/// </remarks>
internal sealed partial class ClusterStart(
    IEnumerable<IClusterPreparation> preparations,
    IServiceProvider services,
    ClusterWaiting waiting,
    IHostApplicationLifetime lifetime,
    TimeProvider time,
    ILogger<ClusterStart> logger) : IHostedService, IDisposable
{
    /// <summary>The key of the hosted services that were put aside.</summary>
    public static readonly object ServiceKey = new();

    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    private readonly TaskCompletionSource _running = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Stack<IHostedService> _started = new();
    private Task _start = Task.CompletedTask;
    private bool _stopped;

    /// <summary>What is missing before this process takes part; null once it does.</summary>
    public string? Missing => _stopped ? "it is shutting down" : waiting.Reason;

    /// <summary>Ends well when the engine runs; cancelled when it never will.</summary>
    public Task Running => _running.Task;

    /// <summary>Why the start was given up; null if it was not.</summary>
    public Exception? Failure { get; private set; }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _start = Task.Run(RunAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    /// <summary>Stops what was started; a second call changes nothing.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        _stopped = true;
        await _stopping.CancelAsync();
        await _start.WaitAsync(cancellationToken);
        foreach (var service in _started)
        {
            await StopAsync(service, cancellationToken);
        }

        _started.Clear();
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync()
    {
        try
        {
            foreach (var preparation in preparations)
            {
                await UntilReadyAsync(preparation);
            }

            foreach (var service in services.GetKeyedServices<IHostedService>(ServiceKey))
            {
                _started.Push(service);
                await StartAsync(service, _stopping.Token);
            }

            waiting.Over();
            _running.SetResult();
        }
        catch (Exception) when (_stopping.IsCancellationRequested)
        {
            _running.SetCanceled();
        }
        catch (Exception failure)
        {
            Failure = failure;
            LogFailed(failure, failure.Message);
            _running.SetCanceled();
            lifetime.StopApplication();
        }
    }

    private async Task UntilReadyAsync(IClusterPreparation preparation)
    {
        for (var pause = ShortestPause; ; pause = TimeSpan.FromTicks(Math.Min(2 * pause.Ticks, LongestPause.Ticks)))
        {
            try
            {
                await preparation.PrepareAsync(_stopping.Token);
                return;
            }
            catch (ClusterNotReadyException missing)
            {
                waiting.For(missing.Message);
            }
            catch (Exception failure) when (PostgresWords.IsFailure(failure) && !_stopping.IsCancellationRequested)
            {
                waiting.For(PostgresWords.Explain(failure));
            }

            await Task.Delay(pause, time, _stopping.Token);
        }
    }

    private static async Task StartAsync(IHostedService service, CancellationToken cancellation)
    {
        var lifecycle = service as IHostedLifecycleService;
        await (lifecycle?.StartingAsync(cancellation) ?? Task.CompletedTask);
        await service.StartAsync(cancellation);
        await (lifecycle?.StartedAsync(cancellation) ?? Task.CompletedTask);
    }

    private async Task StopAsync(IHostedService service, CancellationToken cancellation)
    {
        try
        {
            var lifecycle = service as IHostedLifecycleService;
            await (lifecycle?.StoppingAsync(cancellation) ?? Task.CompletedTask);
            await service.StopAsync(cancellation);
            await (lifecycle?.StoppedAsync(cancellation) ?? Task.CompletedTask);
        }
        catch (Exception failure)
        {
            // The others have to stop all the same.
            LogStopFailed(failure, service.GetType().Name);
        }
    }

    [LoggerMessage(3112, LogLevel.Critical, "This process cannot take part in the cluster and stops: {Reason}")]
    private partial void LogFailed(Exception exception, string reason);

    [LoggerMessage(3113, LogLevel.Error, "{Service} did not stop as it should.")]
    private partial void LogStopFailed(Exception exception, string service);
}
