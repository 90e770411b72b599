using System.Text.Json;

namespace Admission.EndToEnd.Harness;

/// <summary>Debian's Prometheus, as a process with a folder of its own, with the alert rules that the product ships.</summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly int _port = FreePort.Take();
    private readonly ChildProcess _process;

    private PrometheusServer(IReadOnlyDictionary<string, int> targets)
    {
        var jobs = targets.Select(target => $"- job_name: {target.Key}\n  static_configs: [ {{ targets: [ '127.0.0.1:{target.Value}' ] }} ]");
        File.WriteAllText(_folder["prometheus.yml"],
            $"""
            global: {"{"} scrape_interval: 250ms, scrape_timeout: 250ms, evaluation_interval: 1s {"}"}
            rule_files: [ '{Repository.Root}/k8s/monitoring/prometheus-rules.yaml' ]
            scrape_configs:
            {string.Join('\n', jobs)}
            """);
        _process = ChildProcess.Start(
            "/usr/bin/prometheus",
            [$"--config.file={_folder["prometheus.yml"]}", $"--storage.tsdb.path={_folder["data"]}", $"--web.listen-address=127.0.0.1:{_port}", "--log.level=warn"]);
    }

    public string Output => _process.Output;

    /// <summary>Starts it, and waits until it answers.</summary>
    /// <param name="targets">The ports to scrape, by the names of their jobs.</param>
    public static async Task<PrometheusServer> StartAsync(IReadOnlyDictionary<string, int> targets)
    {
        Need.Prometheus();
        var server = new PrometheusServer(targets);
        await Until.TrueAsync(
            async () => server._process.HasExited ? throw new InvalidOperationException($"Prometheus has ended:\n{server.Output}") : await Health.AskAsync(server._port, "/-/ready") is { Status: 200 },
            TimeSpan.FromSeconds(30), () => $"Prometheus does not answer:\n{server.Output}");
        return server;
    }

    /// <summary>Asks its API.</summary>
    /// <returns>What is under <c>data</c>.</returns>
    public async Task<JsonElement> AskAsync(string path)
    {
        using var connection = await HttpConnection.OpenAsync(_port);
        await connection.SendAsync("GET", path);
        var answer = await connection.ReadAsync();
        answer.Status.ShouldBe(200, $"{path}: {answer.Body}");
        return JsonDocument.Parse(answer.Body).RootElement.GetProperty("data");
    }

    /// <summary>Asks a query.</summary>
    /// <returns>The labels of each row, and its value.</returns>
    public async Task<IReadOnlyList<(Dictionary<string, string> Labels, double Value)>> QueryAsync(string query)
    {
        var data = await AskAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}");
        return
        [
            .. data.GetProperty("result").EnumerateArray().Select(row => (
                row.GetProperty("metric").EnumerateObject().ToDictionary(label => label.Name, label => label.Value.GetString()!),
                double.Parse(row.GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture))),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        _folder.Dispose();
    }
}
