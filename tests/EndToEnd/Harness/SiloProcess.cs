namespace Admission.EndToEnd.Harness;

/// <summary>The real silo, as a process. Can be killed and started again at the same ports.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _arguments;
    private ChildProcess? _process;

    public SiloProcess(string connectionString, params string[] arguments)
    {
        _arguments =
        [
            "--cluster", connectionString, "--silo-port", $"{Port}", "--gateway-port", $"{GatewayPort}", "--urls", $"http://127.0.0.1:{HttpPort}", .. arguments,
        ];
    }

    public int Port { get; } = FreePort.Take();

    public int GatewayPort { get; } = FreePort.Take();

    public int HttpPort { get; } = FreePort.Take();

    public ChildProcess Process => _process ?? throw new InvalidOperationException("Not started.");

    public string Output => _process?.Output ?? "";

    /// <summary>Starts it, and waits until it answers about its health.</summary>
    public async Task LaunchAsync()
    {
        _process = ChildProcess.Start("dotnet", [Repository.SiloAssembly, .. _arguments], folder: _folder.Path);
        await Until.TrueAsync(
            async () => await HealthAsync("/health/live") is { Status: 200 } || ThrowIfEnded(), TimeSpan.FromSeconds(30), () => $"The silo does not answer:\n{Output}");
    }

    /// <summary>Starts it, and waits until it has joined.</summary>
    public async Task StartAsync()
    {
        await LaunchAsync();
        await ReadyAsync();
    }

    public Task ReadyAsync() => Until.TrueAsync(
        async () => await HealthAsync("/health/ready") is { Status: 200 } || ThrowIfEnded(), TimeSpan.FromSeconds(30), () => $"The silo is never ready:\n{Output}");

    /// <summary>Asks it about its health; null while nobody listens.</summary>
    public Task<HttpAnswer?> HealthAsync(string target) => Health.AskAsync(HttpPort, target);

    public async ValueTask DisposeAsync()
    {
        await (_process?.DisposeAsync() ?? default);
        _folder.Dispose();
    }

    private bool ThrowIfEnded() => Process.HasExited ? throw new InvalidOperationException($"The silo has ended:\n{Output}") : false;
}
