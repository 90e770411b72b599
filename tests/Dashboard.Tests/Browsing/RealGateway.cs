using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Admission.Testing;

namespace Admission.Dashboard.Tests.Browsing;

/// <summary>The real gateway as a process, in front of its sample backend, with a key for a viewer and one for an operator.</summary>
internal sealed class RealGateway : IAsyncDisposable
{
    public const string OperatorKey = "adm_operator-operator-operator-operator-oper";
    public const string ViewerKey = "adm_viewer-viewer-viewer-viewer-viewer-viewe";

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _client = new() { Timeout = TimeSpan.FromSeconds(20) };
    private readonly CancellationTokenSource _end = new();
    private ChildProcess? _process;
    private Task _load = Task.CompletedTask;

    public int Port { get; } = FreePort.Take();

    public string Address => $"http://127.0.0.1:{Port}";

    public string Dashboard => $"{Address}/admission/dashboard/";

    public static async Task<RealGateway> StartAsync()
    {
        var gateway = new RealGateway();
        string[] keys =
        [
            "--Admission:Security:Keys:0:Name", "ada", "--Admission:Security:Keys:0:Role", "operator", "--Admission:Security:Keys:0:Hash", HashOf(OperatorKey),
            "--Admission:Security:Keys:1:Name", "vic", "--Admission:Security:Keys:1:Role", "viewer", "--Admission:Security:Keys:1:Hash", HashOf(ViewerKey),
        ];
        gateway._process = ChildProcess.Start("dotnet", [Browser.Metadata("Gateway"), "--urls", gateway.Address, "--data", gateway._folder["data"], .. keys], folder: gateway._folder.Path);
        await Until.TrueAsync(gateway.IsReadyAsync, TimeSpan.FromSeconds(40), () => $"The gateway is never ready:\n{gateway._process.Output}");
        return gateway;
    }

    /// <summary>Sends requests from so many clients, each the next when it has its answer, until the end.</summary>
    public void Load(int clients) => _load = Task.WhenAll(Enumerable.Range(0, clients).Select(_ => SendAsync()));

    public async Task<string> GetAsync(string path, string? key = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, Address + path);
        if (key is not null)
        {
            request.Headers.Add("X-Api-Key", key);
        }

        using var answer = await _client.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>What the admin API says of the sample's policy.</summary>
    public async Task<JsonElement> PolicyAsync()
    {
        using var policy = JsonDocument.Parse(await GetAsync("/admission/v1/backends/sample/policy", ViewerKey));
        return policy.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await (_process?.DisposeAsync() ?? default);
        await _load;
        _end.Dispose();
        _client.Dispose();
        _folder.Dispose();
    }

    private async Task SendAsync()
    {
        try
        {
            while (true)
            {
                using var answer = await _client.GetAsync(new Uri($"{Address}/work"), _end.Token);
            }
        }
        catch (Exception ended) when (_end.IsCancellationRequested && ended is OperationCanceledException or HttpRequestException)
        {
            // The test is over.
        }
    }

    private static string HashOf(string key) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}";

    private async Task<bool> IsReadyAsync()
    {
        if (_process!.HasExited)
        {
            throw new InvalidOperationException($"The gateway has ended:\n{_process.Output}");
        }

        try
        {
            using var answer = await _client.GetAsync(new Uri($"{Address}/health/ready"));
            return answer.StatusCode == HttpStatusCode.OK;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
