using System.Globalization;

namespace Admission.EndToEnd.Harness;

/// <summary>
/// A MariaDB server of the test's own: data in a temporary folder, on a free port of the loopback address, everybody is root without a password. It takes so many connections
/// as Debian's package does by itself (151).
/// </summary>
internal sealed class MariaDbServer : IAsyncDisposable
{
    public const int MaxConnections = 151;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private ChildProcess? _process;

    private MariaDbServer()
    {
    }

    public int Port { get; } = FreePort.Take();

    public static async Task<MariaDbServer> StartAsync()
    {
        var server = new MariaDbServer();
        try
        {
            await server.LaunchAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs statements on a connection of their own, which counts among the server's.</summary>
    /// <returns>What they say, a line for each row and a tab between the columns.</returns>
    public Task<string[]> QueryAsync(string sql) => RunAsync("mariadb", "-h127.0.0.1", $"-P{Port}", "-uroot", "-N", "-B", "-e", sql);

    /// <summary>One of the server's own counters.</summary>
    public async Task<long> CounterAsync(string name)
    {
        var line = (await QueryAsync($"SHOW GLOBAL STATUS LIKE '{name}'")).ShouldHaveSingleItem();
        return long.Parse(line.Split('\t')[1], CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        await (_process?.DisposeAsync() ?? default);
        _folder.Dispose();
    }

    private static async Task<string[]> RunAsync(string program, params string[] arguments)
    {
        await using var process = ChildProcess.Start(program, ["--no-defaults", .. arguments], folder: "/");
        var code = await process.WaitForExitAsync(Bound);
        return code == 0 ? process.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries) : throw new InvalidOperationException($"{program} ended with {code}:\n{process.Output}");
    }

    private async Task LaunchAsync()
    {
        // MariaDB runs as root only when it is told to.
        string[] user = Environment.IsPrivilegedProcess ? ["--user=root"] : [];
        await RunAsync("mariadb-install-db", [.. user, $"--datadir={_folder["data"]}", "--auth-root-authentication-method=normal", "--skip-test-db"]);
        _process = ChildProcess.Start(
            "mariadbd",
            [
                "--no-defaults", .. user, $"--datadir={_folder["data"]}", $"--port={Port}", "--bind-address=127.0.0.1", $"--socket={_folder["socket"]}",
                "--skip-grant-tables", "--skip-name-resolve", $"--max-connections={MaxConnections}", "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0",
            ],
            folder: "/");
        await _process.WaitForOutputAsync("ready for connections", Bound);
    }
}
