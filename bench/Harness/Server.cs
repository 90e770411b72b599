using System.Net;
using System.Net.Sockets;
using Admission.Testing;

namespace Admission.Bench;

/// <summary>A program that listens on a port of the loopback, for as long as this is not disposed.</summary>
public sealed class Server : IAsyncDisposable
{
    private readonly ChildProcess _process;
    private readonly TemporaryFolder _folder;

    private Server(ChildProcess process, TemporaryFolder folder, int port) => (_process, _folder, Port) = (process, folder, port);

    public int Port { get; }

    public int Id => _process.Id;

    public string Output => _process.Output;

    public Uri Address => new($"http://127.0.0.1:{Port}");

    /// <summary>Starts a program of this repository with <c>--urls</c>, in a folder of its own.</summary>
    public static Task<Server> DotnetAsync(string assembly, params string[] arguments) => DotnetAsync(new Dictionary<string, string>(), assembly, arguments);

    /// <inheritdoc cref="DotnetAsync(string, string[])"/>
    public static Task<Server> DotnetAsync(IReadOnlyDictionary<string, string> environment, string assembly, params string[] arguments)
    {
        var port = FreePort.Take();
        return StartAsync("dotnet", [assembly, "--urls", $"http://127.0.0.1:{port}", .. arguments], port, environment);
    }

    /// <summary>Starts any program, and waits until it listens on <paramref name="port"/>; with its output in the error when it does not within 30 s.</summary>
    public static async Task<Server> StartAsync(string file, IEnumerable<string> arguments, int port, IReadOnlyDictionary<string, string>? environment = null)
    {
        var folder = new TemporaryFolder();
        var settings = new Dictionary<string, string>(environment ?? new Dictionary<string, string>()) { ["DOTNET_gcServer"] = "0", ["DOTNET_NOLOGO"] = "1" };
        var server = new Server(ChildProcess.Start(file, arguments, settings, folder.Path), folder, port);
        try
        {
            await Until.TrueAsync(
                async () => await ListensAsync(port) || (server._process.HasExited ? throw new InvalidOperationException($"It has ended:\n{server.Output}") : false),
                TimeSpan.FromSeconds(30),
                () => $"{file} does not listen on {port}:\n{server.Output}");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<bool> ListensAsync(int port)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
