using System.Diagnostics;
using Npgsql;

namespace Admission.Testing;

/// <summary>
/// A PostgreSQL server of the test's own: data in a temporary folder, on a free port of the loopback address, superuser "admission" without a password.
/// Can be stopped or killed and started again with its data. Unless it is started as durable, nothing is synced to disk, because no test turns the machine off; but what is committed
/// has left the server's processes, so that killing them loses nothing.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private static readonly string[] DurableSettings = [];
    private static readonly string[] QuickSettings = ["-c", "fsync=off", "-c", "full_page_writes=off", "-c", "shared_buffers=16MB", "-c", "max_connections=200"];

    private readonly TemporaryFolder _folder = new();
    private readonly bool _durable;
    private readonly IReadOnlyDictionary<string, string> _settings;
    private ChildProcess? _process;

    private int _databases;

    private PostgresServer(bool durable, IReadOnlyDictionary<string, string>? settings) => (_durable, _settings) = (durable, settings ?? new Dictionary<string, string>());

    /// <summary>Where the server's programs are; null if PostgreSQL is not installed.</summary>
    public static string? Programs { get; } = Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql").Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Max()
        : null;

    /// <summary>Whether tests with PostgreSQL can run; if not, they are skipped.</summary>
    public static bool IsInstalled => Programs is not null;

    public int Port { get; } = FreePort.Take();

    public string Output => _process?.Output ?? "";

    /// <summary>The server's process; those of its connections are its children.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>Connects to a database; the default one exists from the start.</summary>
    public string ConnectionString(string database = "postgres", int? port = null) =>
        $"Host=127.0.0.1;Port={port ?? Port};Username=admission;Database={database};Timeout=5;Command Timeout=5";

    /// <summary>The folder with the product's schema, for <see cref="CreateDatabaseAsync"/>.</summary>
    public static string Schema { get; } = FindSchema();

    /// <summary>Starts one.</summary>
    /// <param name="durable">As Debian ships it, for measuring: what is committed is on the disk.</param>
    /// <param name="settings">More settings; they count before those that all such servers have.</param>
    public static async Task<PostgresServer> StartAsync(bool durable = false, IReadOnlyDictionary<string, string>? settings = null)
    {
        var server = new PostgresServer(durable, settings);
        try
        {
            server.CreateData();
            await server.ResumeAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again after <see cref="StopAsync"/> or <see cref="KillAsync"/>.</summary>
    public async Task ResumeAsync()
    {
        string[] server =
        [
            Path.Combine(Programs!, "postgres"), "-D", _folder["data"], "-p", $"{Port}", "-c", "listen_addresses=127.0.0.1",
            "-c", "unix_socket_directories=", .. _durable ? DurableSettings : QuickSettings,
            .. _settings.SelectMany(setting => new[] { "-c", $"{setting.Key}={setting.Value}" }),
        ];
        string[] command = [.. AsPostgres(), .. server];
        _process = ChildProcess.Start(command[0], command[1..], folder: "/");
        await _process.WaitForOutputAsync("ready to accept connections", Bound);
    }

    /// <summary>Stops it in order: connections are cut ("fast" shutdown).</summary>
    public async Task StopAsync()
    {
        _process!.Signal(ChildProcess.Interrupt);
        await _process.WaitForExitAsync(Bound);
        await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>Kills all of its processes at once.</summary>
    public async Task KillAsync()
    {
        await _process!.DisposeAsync();
        _process = null;
        File.Delete(Path.Combine(_folder["data"], "postmaster.pid"));
    }

    /// <summary>Hangs it, with every connection: SIGSTOP. New connections wait in the kernel's queue.</summary>
    public void Hang() => _process!.SignalFamily(ChildProcess.Stop);

    /// <summary>Ends what <see cref="Hang"/> began.</summary>
    public void GoOn() => _process!.SignalFamily(ChildProcess.Continue);

    /// <summary>Creates a database of its own for one test, with the numbered scripts of a folder (<see cref="Schema"/>) applied in order.</summary>
    /// <returns>How to connect to it.</returns>
    public async Task<string> CreateDatabaseAsync(string sqlFolder)
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await RunAsync(ConnectionString(), $"CREATE DATABASE {name}");
        foreach (var script in Directory.EnumerateFiles(sqlFolder, "*.sql").Order(StringComparer.Ordinal))
        {
            await RunAsync(ConnectionString(name), await File.ReadAllTextAsync(script));
        }

        return ConnectionString(name);
    }

    public async ValueTask DisposeAsync()
    {
        await (_process?.DisposeAsync() ?? default);
        _folder.Dispose();
    }

    private static async Task RunAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection($"{connectionString};Pooling=false");
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        _ = await command.ExecuteNonQueryAsync();
    }

    private static string FindSchema()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Admission.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException("The tests do not run below the repository."), "src", "Silo", "Sql");
    }

    // PostgreSQL refuses to run as root.
    private static string[] AsPostgres() =>
        Environment.IsPrivilegedProcess ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--"] : [];

    private void CreateData()
    {
        if (Environment.IsPrivilegedProcess && !OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(_folder.Path, File.GetUnixFileMode(_folder.Path) | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute);
        }

        string[] command =
        [
            .. AsPostgres(), Path.Combine(Programs!, "initdb"), "-D", _folder["data"], "-U", "admission", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C",
        ];
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false, WorkingDirectory = "/",
        })!;
        var errors = process.StandardError.ReadToEndAsync();
        _ = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"initdb ended with {process.ExitCode}: {errors.Result}");
        }
    }
}
