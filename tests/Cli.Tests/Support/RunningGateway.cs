using System.Net;
using Admission.Frontend.Hosting;
using Admission.Testing;

namespace Admission.Cli.Tests.Support;

/// <summary>A gateway as its users start it, in this process, in front of its own sample: two destinations that do one thing at a time, 200 ms each.</summary>
public sealed class RunningGateway : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();
    private Task<int> _run = Task.FromResult(0);

    public string Url { get; } = $"http://127.0.0.1:{FreePort.Take()}";

    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false });

    public async Task InitializeAsync()
    {
        string[] arguments = [$"--contentRoot={_folder.Path}", "--urls", Url, "--data", _folder["data"], "--Admission:Backends:sample:Jobs:Enabled", "true"];
        _run = Task.Run(() => GatewayHost.RunAsync(arguments, TextWriter.Synchronized(_output), TextWriter.Synchronized(_errors), _stop.Token));
        await Until.TrueAsync(IsReadyAsync, TimeSpan.FromSeconds(60), () => $"The gateway does not become ready. {_errors}");
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        Http.Dispose();
        _stop.Dispose();
        _folder.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        if (_run.IsCompleted)
        {
            throw new InvalidOperationException($"It has ended: {_errors}");
        }

        try
        {
            using var answer = await Http.GetAsync($"{Url}/health/ready");
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            // It does not listen yet.
            return false;
        }
    }
}
