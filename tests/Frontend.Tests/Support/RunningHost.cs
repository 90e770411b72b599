using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Admission.Frontend.Hosting;

namespace Admission.Frontend.Tests.Support;

/// <summary>The gateway as its users start it, in this process: command line and appsettings.json in a folder of its own.</summary>
internal sealed class RunningHost : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();
    private Task<int> _run = Task.FromResult(0);

    public RunningHost(object? file = null, string? text = null)
    {
        if (file is not null || text is not null)
        {
            Write(text ?? JsonSerializer.Serialize(file));
        }
    }

    public string Folder => _folder.Path;

    public string Output => _output.ToString();

    public string Errors => _errors.ToString();

    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false });

    public static object File(TestServer server, object? policy, string policyOf = "model") => new
    {
        ReverseProxy = new
        {
            Routes = new { all = new { ClusterId = "model", Match = new { Path = "{**any}" } } },
            Clusters = new { model = new { Destinations = new { a = new { server.Address } } } },
        },
        Admission = new { Backends = policy is null ? [] : new Dictionary<string, object> { [policyOf] = policy } },
    };

    public void Write(object file) => Write(JsonSerializer.Serialize(file));

    /// <param name="text">What the file is to say.</param>
    /// <param name="written">The time stamp it is to have; null for that of the clock.</param>
    public void Write(string text, DateTime? written = null)
    {
        var path = Path.Combine(_folder.Path, "appsettings.json");
        System.IO.File.WriteAllText(path + ".new", text);
        if (written is { } time)
        {
            System.IO.File.SetLastWriteTimeUtc(path + ".new", time);
        }

        System.IO.File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Runs until it ends by itself.</summary>
    public async Task<int> RunToEndAsync(params string[] arguments)
    {
        Launch(arguments);
        return await _run.WaitAsync(TimeSpan.FromSeconds(30));
    }

    public async Task StartAsync(params string[] arguments)
    {
        var port = FreePort();
        Http.BaseAddress = new Uri($"http://127.0.0.1:{port}");
        Launch([$"--urls=http://127.0.0.1:{port}", .. arguments]);
        await Until.TrueAsync(
            () => _run.IsCompleted ? throw new InvalidOperationException($"It has ended: {Errors}") : _output.ToString().Contains("Health", StringComparison.Ordinal),
            "The gateway does not start.");
        await Until.TrueAsync(
            async () => (await Http.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK, "The gateway does not become ready.");
    }

    /// <summary>As Ctrl-C does.</summary>
    public async Task<int> StopAsync()
    {
        await _stop.CancelAsync();
        return await _run;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Http.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private void Launch(string[] arguments)
    {
        string[] all = [$"--contentRoot={_folder.Path}", .. arguments];
        if (!arguments.Any(argument => argument.StartsWith("--data", StringComparison.Ordinal)))
        {
            all = [.. all, "--data", Path.Combine(_folder.Path, "data")];
        }

        _run = Task.Run(() => GatewayHost.RunAsync(all, TextWriter.Synchronized(_output), TextWriter.Synchronized(_errors), _stop.Token));
    }
}
