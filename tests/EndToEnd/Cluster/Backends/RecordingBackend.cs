using System.Net;
using Admission.EndToEnd.Cluster.Network;

namespace Admission.EndToEnd.Cluster.Backends;

/// <summary>The program of tests/RecordingBackend: writes down each start and end. Can be killed and started again at its port.</summary>
internal sealed class RecordingBackend : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly BackendKind _kind;
    private readonly TimeSpan _mostWork;
    private readonly IReadOnlyList<string> _prefix;
    private ChildProcess? _process;

    private RecordingBackend(BackendKind kind, TimeSpan mostWork, Place? place)
    {
        (_kind, _mostWork, _prefix) = (kind, mostWork, place?.Prefix ?? []);
        Host = place?.Address ?? IPAddress.Loopback;
        Journal = new(_folder["journal"]);
    }

    public int Port { get; } = FreePort.Take();

    public IPAddress Host { get; }

    public string Address => $"http://{Host}:{Port}";

    public Journal Journal { get; }

    public string Output => _process?.Output ?? "";

    /// <summary>The times at which it was dead: from its kill, or the last one's, to its next start.</summary>
    public IReadOnlyList<(long From, long To)> Dead { get; private set; } = [];

    /// <summary>Starts one.</summary>
    /// <param name="kind">What becomes of work whose connection closes.</param>
    /// <param name="mostWork">The longest that one request's work takes.</param>
    /// <param name="place">Where it is; null: on the loopback address.</param>
    public static async Task<RecordingBackend> StartAsync(BackendKind kind, TimeSpan mostWork, Place? place = null)
    {
        var backend = new RecordingBackend(kind, mostWork, place);
        try
        {
            await backend.LaunchAsync();
            return backend;
        }
        catch
        {
            await backend.DisposeAsync();
            throw;
        }
    }

    /// <summary>kill -9. Work that was going on ends with it.</summary>
    public async Task KillAsync()
    {
        var from = Clock.Now;
        await _process!.DisposeAsync();
        Journal.NoteKilled();
        Dead = [.. Dead, (from, long.MaxValue)];
    }

    public async Task RestartAsync()
    {
        await LaunchAsync();
        Dead = [.. Dead.SkipLast(1), (Dead[^1].From, Clock.Now)];
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private async Task LaunchAsync()
    {
        var kind = _kind == BackendKind.Stops ? "stops" : "goes-on";
        string[] command = [.. _prefix, "dotnet", Repository.RecordingBackendAssembly, $"{Host}:{Port}", kind, $"{_mostWork.TotalMilliseconds:0}", Journal.Path];
        _process = ChildProcess.Start(command[0], command[1..]);
        await _process.WaitForOutputAsync("Listening", Bound);
    }
}
