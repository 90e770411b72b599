using System.Net;
using Admission.Frontend.Hosting;

namespace Admission.Telemetry.Tests.Support;

/// <summary>The gateway as its users start it, in this process, in front of a server.</summary>
internal sealed class GatewayUnderTest : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly StringWriter _output = new();
    private readonly Task<int> _run;

    private GatewayUnderTest(string to, string[] more)
    {
        var port = FreePort.Take();
        Http.BaseAddress = new Uri($"http://127.0.0.1:{port}");
        string[] arguments = [$"--contentRoot={_folder.Path}", "--data", _folder["data"], "--urls", $"http://127.0.0.1:{port}", "--to", to, .. more];
        _run = Task.Run(() => GatewayHost.RunAsync(arguments, TextWriter.Synchronized(_output), TextWriter.Synchronized(_output), _stop.Token));
    }

    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false, ActivityHeadersPropagator = null }) { Timeout = Patience };

    public static async Task<GatewayUnderTest> StartAsync(string to, params string[] more)
    {
        var gateway = new GatewayUnderTest(to, more);
        await Until.TrueAsync(gateway.IsReadyAsync, Patience, () => $"The gateway is not ready:\n{gateway._output}");
        return gateway;
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _run.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        Http.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        try
        {
            return !_run.IsCompleted && (await Http.GetAsync("/health/ready")).StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException) when (!_run.IsCompleted)
        {
            return false;
        }
    }
}
