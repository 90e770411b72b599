using System.Collections.Frozen;
using Admission.Jobs.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Admission.Jobs.Running;

/// <summary>The jobs of this gateway: the store, opened when the first backend has jobs, and a runner for each such backend.</summary>
/// <remarks><see cref="Configure"/> has one caller at a time; everything else may be called by any thread.</remarks>
internal sealed partial class JobService(
    IJobStore store, IJobExecutor executor, ClaimKeeper keeper, JobTender tender, CallbackSender callbacks, TimeProvider time, ILoggerFactory loggers) : IHostedLifecycleService, IAsyncDisposable
{
    private static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly ILogger _logger = loggers.CreateLogger<JobService>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<string, JobRunner> _runners = new(StringComparer.OrdinalIgnoreCase);
    private readonly string _owner = $"{Environment.MachineName}-{Environment.ProcessId}";
    private volatile FrozenDictionary<string, JobPolicy> _policies = FrozenDictionary<string, JobPolicy>.Empty;
    private Task _loops = Task.CompletedTask;
    private bool _started;
    private bool _opening;
    private bool _disposed;

    /// <summary>Whether the store can be asked.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Whether a backend has jobs.</summary>
    public bool HasPolicies => _policies.Count > 0;

    /// <summary>The policy of a backend; null if it has no jobs.</summary>
    public JobPolicy? PolicyOf(string backend) => _policies.GetValueOrDefault(backend);

    /// <summary>The store.</summary>
    public IJobStore Store => store;

    /// <summary>Takes the policies in force.</summary>
    /// <param name="policies">Those of the backends that have jobs.</param>
    public void Configure(IEnumerable<KeyValuePair<string, JobPolicy>> policies)
    {
        _policies = policies.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        Begin();
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _started = true;
        }

        Begin();
        return Task.CompletedTask;
    }

    /// <summary>Before requests in flight are waited for: no job begins any more.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            _started = false;
            foreach (var runner in _runners.Values)
            {
                runner.Stop();
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        var ends = _runners.Values.Select(runner => runner.DisposeAsync().AsTask()).ToArray();
        await Task.WhenAll(ends).WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stop.CancelAsync();
        await _loops;
    }

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_disposed)
        {
            _disposed = true;
            await _stop.CancelAsync();
            await _loops;
            _stop.Dispose();
        }
    }

    private void Begin()
    {
        lock (_gate)
        {
            if (!_started || _policies.Count == 0)
            {
                return;
            }

            if (!_opening)
            {
                _opening = true;
                _loops = RunAsync(_stop.Token);
            }
            else if (IsOpen)
            {
                AddRunners();
            }
        }
    }

    private async Task RunAsync(CancellationToken cancellation)
    {
        if (!await OpenAsync(cancellation))
        {
            return;
        }

        lock (_gate)
        {
            IsOpen = true;
            if (_started)
            {
                AddRunners();
            }
        }

        await Task.WhenAll(keeper.RunAsync(cancellation), tender.RunAsync(cancellation), callbacks.RunAsync(backend => _policies.GetValueOrDefault(backend)?.CallbackKey, cancellation));
    }

    private async Task<bool> OpenAsync(CancellationToken cancellation)
    {
        for (var pause = ShortestPause; !cancellation.IsCancellationRequested; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                await store.OpenAsync(cancellation);
                return true;
            }
            catch (Exception failed) when (!cancellation.IsCancellationRequested)
            {
                // Whatever it is, requests are answered; those that would be stored get 503 until the store is open.
                LogNotOpen(failed.Message, pause.TotalSeconds);
            }
            catch (OperationCanceledException)
            {
                return false;
            }

            await Task.Delay(pause, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return false;
    }

    private void AddRunners()
    {
        foreach (var backend in _policies.Keys)
        {
            if (!_runners.ContainsKey(backend))
            {
                _runners.Add(backend, new JobRunner(
                    backend, () => _policies.GetValueOrDefault(backend), store, executor, keeper, tender, _owner, time, loggers.CreateLogger<JobRunner>()));
            }
        }
    }

    [LoggerMessage(4240, LogLevel.Error, "The jobs cannot be opened, and requests that would be stored are refused: {Problem} Trying again in {Seconds} s.")]
    private partial void LogNotOpen(string problem, double seconds);
}
