using System.Net.Sockets;
using System.Text.Json;

namespace Admission.EndToEnd.Harness;

/// <summary>The real gateway, as a process with a folder of its own. Can be killed and started again with the same state.</summary>
internal sealed class Gateway : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string[] _arguments;
    private ChildProcess? _process;

    private Gateway(string[] arguments) => _arguments = arguments;

    public int Port { get; } = FreePort.Take();

    public ChildProcess Process => _process ?? throw new InvalidOperationException("Not started.");

    public string Output => _process?.Output ?? "";

    /// <summary>Starts a gateway that is told everything on the command line.</summary>
    public static Task<Gateway> WithArgumentsAsync(params string[] arguments) => StartedAsync(new(arguments));

    /// <summary>Starts a gateway with an appsettings.json, and what it is told beside it on the command line.</summary>
    public static Task<Gateway> WithFileAsync(string json, params string[] arguments)
    {
        var gateway = new Gateway(arguments);
        gateway.Write(json);
        return StartedAsync(gateway);
    }

    /// <summary>Starts a gateway in front of some destinations, with a policy, and waits until they answer, too.</summary>
    public static async Task<Gateway> InFrontOfAsync(object policy, params PythonBackend[] destinations)
    {
        var gateway = await WithFileAsync(GatewayFile.For(policy, destinations));
        try
        {
            await Task.WhenAll(destinations.Select(destination => destination.ReadyAsync()));
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts a gateway that is expected to end by itself, and waits for that.</summary>
    public static async Task<(int ExitCode, string Output)> RunToEndAsync(string? json, params string[] arguments)
    {
        await using var gateway = new Gateway(arguments);
        if (json is not null)
        {
            gateway.Write(json);
        }

        gateway.Launch();
        var exitCode = await gateway.Process.WaitForExitAsync(TimeSpan.FromSeconds(30));
        return (exitCode, gateway.Output);
    }

    /// <summary>Writes the configuration, in one step: a reader sees the old file or the new one.</summary>
    public void Write(string json)
    {
        File.WriteAllText(_folder["appsettings.new"], json);
        File.Move(_folder["appsettings.new"], _folder["appsettings.json"], overwrite: true);
    }

    public async Task StartAsync()
    {
        Launch();
        await Until.TrueAsync(
            () => Process.HasExited ? throw new InvalidOperationException($"The gateway has ended:\n{Output}") : ListensAsync(),
            TimeSpan.FromSeconds(30),
            () => $"The gateway does not listen:\n{Output}");
    }

    /// <summary>Waits until it says that it is ready: in a cluster that takes silos.</summary>
    public Task ReadyAsync()
    {
        HttpAnswer? last = null;
        return Until.TrueAsync(
            async () => (last = await Health.AskAsync(Port, "/health/ready")) is { Status: 200 }, TimeSpan.FromSeconds(30), () => $"The gateway is never ready: {last?.Body}\n{Output}");
    }

    /// <summary>kill -9.</summary>
    public async Task KillAsync() => await Process.DisposeAsync();

    /// <summary>One request on a connection of its own.</summary>
    public async Task<HttpAnswer> GetAsync(string target, string headers = "")
    {
        using var connection = await HttpConnection.OpenAsync(Port);
        await connection.SendAsync("GET", target, headers);
        return await connection.ReadAsync();
    }

    /// <summary>Waits until the ledger has so many tickets in its queue.</summary>
    public Task WaitForQueueAsync(int tickets)
    {
        var seen = "";
        return Until.TrueAsync(
            async () =>
            {
                seen = (await GetAsync($"/admission/v1/backends/{GatewayFile.Backend}")).Body;
                using var backend = JsonDocument.Parse(seen);
                return backend.RootElement.TryGetProperty("queued", out var queued) && queued.ValueKind == JsonValueKind.Number && queued.GetInt32() == tickets;
            },
            TimeSpan.FromSeconds(5),
            () => $"The queue is never {tickets} long: {seen}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private static async Task<Gateway> StartedAsync(Gateway gateway)
    {
        try
        {
            await gateway.StartAsync();
            return gateway;
        }
        catch
        {
            await gateway.DisposeAsync();
            throw;
        }
    }

    private void Launch()
    {
        string[] data = _arguments.Contains("--data") ? [] : ["--data", _folder["data"]];
        _process = ChildProcess.Start(
            "dotnet", [Repository.GatewayAssembly, "--urls", $"http://127.0.0.1:{Port}", .. data, .. _arguments], folder: _folder.Path);
    }

    private async Task<bool> ListensAsync()
    {
        try
        {
            using var connection = await HttpConnection.OpenAsync(Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
