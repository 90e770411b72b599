using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster.Processes;

/// <summary>
/// A silo or a frontend, kept alive as Kubernetes would: one that ends without being told to is started again after a second.
/// </summary>
internal sealed class SupervisedProcess(string name, Func<ChildProcess> launch, string logFile, RunLog log) : IAsyncDisposable
{
    private static readonly TimeSpan RestartAfter = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan StopBound = TimeSpan.FromSeconds(60);

    private readonly List<Outage> _outages = [];
    private readonly CancellationTokenSource _over = new();

    // Held by whoever starts or ends the process; never while waiting for the supervision.
    private readonly SemaphoreSlim _changing = new(1, 1);
    private ChildProcess? _process;
    private Task _supervision = Task.CompletedTask;
    private volatile bool _wanted;

    public string Name => name;

    public int Id => _process?.Id ?? 0;

    /// <summary>The exit codes of the times when it has ended by itself.</summary>
    public List<int> Crashes { get; } = [];

    /// <summary>When it has ended by itself.</summary>
    public List<long> CrashedAt { get; } = [];

    /// <summary>The exit codes of the times when it was asked to stop.</summary>
    public List<int> ExitCodes { get; } = [];

    /// <summary>When it was dead or hung because the run said so.</summary>
    public IReadOnlyList<Outage> Outages
    {
        get
        {
            lock (_outages)
            {
                return [.. _outages];
            }
        }
    }

    /// <summary>The output of the process that runs now.</summary>
    public string Output => _process?.Output ?? "";

    public void Start()
    {
        Launch();
        _wanted = true;
        _supervision = Task.Run(SuperviseAsync);
        EndOutage();
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync()
    {
        await ChangeAsync(async process =>
        {
            BeginOutage();
            log.Note($"{name} is killed");
            _wanted = false;
            await process.KillGroupAsync();
        });
        await EndAsync();
    }

    /// <summary>SIGTERM, and waits for its end.</summary>
    public async Task<TimeSpan> TerminateAsync()
    {
        var took = TimeSpan.Zero;
        await ChangeAsync(async process =>
        {
            log.Note($"{name} is asked to stop");
            var asked = Clock.Now;
            _wanted = false;
            process.Signal(ChildProcess.Terminate);
            var code = await process.WaitForExitAsync(StopBound);
            took = Clock.Since(asked);
            ExitCodes.Add(code);
            log.Note($"{name} has stopped with {code} after {took.TotalSeconds:F2} s");
        });
        await EndAsync();
        return took;
    }

    /// <summary>SIGSTOP.</summary>
    public Task HangAsync() => ChangeAsync(process =>
    {
        BeginOutage();
        log.Note($"{name} hangs");
        process.Signal(ChildProcess.Stop);
        return Task.CompletedTask;
    });

    /// <summary>SIGCONT.</summary>
    public Task GoOnAsync() => ChangeAsync(process =>
    {
        log.Note($"{name} goes on");
        process.Signal(ChildProcess.Continue);
        EndOutage();
        return Task.CompletedTask;
    });

    public async ValueTask DisposeAsync()
    {
        _wanted = false;
        await _over.CancelAsync();
        if (_process is { HasExited: false } process)
        {
            await process.KillGroupAsync();
        }

        await EndAsync();
        _over.Dispose();
        _changing.Dispose();
    }

    private void Launch()
    {
        _process = launch();
        log.Note($"{name} is started as process {_process.Id}");
    }

    private async Task SuperviseAsync()
    {
        try
        {
            while (_wanted)
            {
                var code = await _process!.WaitForExitAsync(TimeSpan.FromDays(1));
                await RestartAsync(code);
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }

    private async Task RestartAsync(int code)
    {
        await _changing.WaitAsync(_over.Token);
        try
        {
            if (_wanted)
            {
                Crashes.Add(code);
                CrashedAt.Add(Clock.Now);
                log.Note($"{name} has ended by itself with {code}: {string.Join(" | ", Output.Split('\n').TakeLast(3))}");
                await DiscardAsync();
                await Task.Delay(RestartAfter, _over.Token);
                Launch();
            }
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task ChangeAsync(Func<ChildProcess, Task> change)
    {
        await _changing.WaitAsync();
        try
        {
            await change(_process ?? throw new InvalidOperationException($"{name} is not started."));
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task EndAsync()
    {
        await _supervision;
        await DiscardAsync();
    }

    private async Task DiscardAsync()
    {
        if (_process is { } process)
        {
            await File.AppendAllTextAsync(logFile, $"--- process {process.Id}\n{process.Output}\n");
            await process.DisposeAsync();
            _process = null;
        }
    }

    private void BeginOutage()
    {
        lock (_outages)
        {
            _outages.Add(new(name, Clock.Now, long.MaxValue));
        }
    }

    private void EndOutage()
    {
        lock (_outages)
        {
            if (_outages is [.., { To: long.MaxValue } open])
            {
                _outages[^1] = open with { To = Clock.Now };
            }
        }
    }
}
