using System.Globalization;
using System.Net.Sockets;

namespace Admission.EndToEnd.Harness;

/// <summary>A real server of Debian's packages with one of the applications in Backends/. Can be killed and started again at its port.</summary>
internal sealed class PythonBackend : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Func<PythonBackend, string[]> _command;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private ChildProcess? _process;

    private PythonBackend(Func<PythonBackend, string[]> command, IReadOnlyDictionary<string, string>? environment = null)
    {
        (_command, _environment) = (command, environment ?? new Dictionary<string, string>());
        Journal = new(_folder["journal"]);
    }

    public int Port { get; } = FreePort.Take();

    public string Address => $"http://127.0.0.1:{Port}";

    public Journal Journal { get; }

    public string Output => _process?.Output ?? "";

    /// <summary>Flask under gunicorn with so many sync workers: each does one thing at a time and never looks whether its client is there.</summary>
    public static Task<PythonBackend> GunicornAsync(int workers) => StartedAsync(NewGunicorn(workers));

    /// <summary>The same, without waiting for it: for <see cref="Gateway.InFrontOfAsync"/>, which starts meanwhile and waits for both.</summary>
    public static PythonBackend LaunchGunicorn(int workers) => Launched(NewGunicorn(workers));

    /// <summary>Flask under gunicorn with threads: each request writes a row to the database by a connection of its own, which it holds for a time.</summary>
    internal static Task<PythonBackend> LogServiceAsync(int workers, int threads, MariaDbServer database, TimeSpan held)
    {
        Need.Gunicorn();
        return StartedAsync(new(
            backend =>
            [
                "/usr/bin/gunicorn", "-w", $"{workers}", "-k", "gthread", "--threads", $"{threads}", "-b", $"127.0.0.1:{backend.Port}", "--preload", "--worker-tmp-dir", "/dev/shm",
                "--chdir", Repository.Backends, "log_app:app",
            ],
            new Dictionary<string, string>
            {
                ["LOG_DATABASE_PORT"] = $"{database.Port}", ["LOG_SECONDS"] = held.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            }));
    }

    /// <summary>The application of samples/python, with threads: each request takes a lease and opens a connection to the database.</summary>
    internal static Task<PythonBackend> LeaseSampleAsync(int workers, int threads, MariaDbServer database, int gateway)
    {
        Need.Gunicorn();
        return StartedAsync(new(
            backend =>
            [
                "/usr/bin/gunicorn", "-w", $"{workers}", "-k", "gthread", "--threads", $"{threads}", "-b", $"127.0.0.1:{backend.Port}", "--preload", "--worker-tmp-dir", "/dev/shm",
                "--chdir", Repository.PythonSample, "app:app",
            ],
            new Dictionary<string, string> { ["DATABASE_PORT"] = $"{database.Port}", ["ADMISSION_URLS"] = $"http://127.0.0.1:{gateway}" }));
    }

    /// <summary>FastAPI under uvicorn: a blocking handler in a pool of 40 threads.</summary>
    public static Task<PythonBackend> UvicornAsync() => StartedAsync(NewUvicorn());

    /// <summary>The same, without waiting for it, as <see cref="LaunchGunicorn"/>.</summary>
    public static PythonBackend LaunchUvicorn() => Launched(NewUvicorn());

    public Task StartAsync()
    {
        Launch();
        return ReadyAsync();
    }

    /// <summary>Waits until it answers.</summary>
    public Task ReadyAsync() => Until.TrueAsync(IsReadyAsync, TimeSpan.FromSeconds(30), () => $"{_command(this)[0]} does not answer:\n{Output}");

    /// <summary>Kills all of its processes at once, without a word to anybody.</summary>
    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        Journal.NoteKilled();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _folder.Dispose();
    }

    private static PythonBackend NewGunicorn(int workers)
    {
        Need.Gunicorn();
        return new(backend =>
        [
            "/usr/bin/gunicorn", "-w", $"{workers}", "-k", "sync", "-b", $"127.0.0.1:{backend.Port}", "--backlog", "2048", "--timeout", "120", "--preload",
            "--worker-tmp-dir", "/dev/shm", "--chdir", Repository.Backends, "-c", Repository.Backends + "/gunicorn_conf.py", "flask_app:app",
        ]);
    }

    private static PythonBackend NewUvicorn()
    {
        Need.Uvicorn();
        return new(backend =>
        [
            "/usr/bin/uvicorn", "--host", "127.0.0.1", "--port", $"{backend.Port}", "--no-access-log", "--log-level", "warning", "fastapi_app:app",
        ]);
    }

    private static PythonBackend Launched(PythonBackend backend)
    {
        try
        {
            backend.Launch();
            return backend;
        }
        catch
        {
            backend._folder.Dispose();
            throw;
        }
    }

    private static async Task<PythonBackend> StartedAsync(PythonBackend backend)
    {
        try
        {
            await backend.StartAsync();
            return backend;
        }
        catch
        {
            await backend.DisposeAsync();
            throw;
        }
    }

    private void Launch()
    {
        var command = _command(this);
        var environment = new Dictionary<string, string>(_environment) { ["ADMISSION_JOURNAL"] = Journal.Path, ["PYTHONDONTWRITEBYTECODE"] = "1" };
        _process = ChildProcess.Start(command[0], command[1..], environment, Repository.Backends);
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            using var connection = await HttpConnection.OpenAsync(Port);
            await connection.SendAsync("GET", "/ready");
            return (await connection.ReadAsync()).Status == 200;
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return false;
        }
    }
}
