namespace Admission.EndToEnd;

/// <summary>A real Prometheus scrapes a gateway and a silo.</summary>
public sealed class TelemetryTests : IAsyncLifetime
{
    private const int Requests = 12;

    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);
    private static readonly string[] Always = ["__name__", "instance", "job", "le"];

    private PostgresServer? _postgres;

    public async Task InitializeAsync() => _postgres = PostgresServer.IsInstalled && File.Exists("/usr/bin/prometheus") ? await PostgresServer.StartAsync() : null;

    public async Task DisposeAsync() => await (_postgres?.DisposeAsync() ?? default);

    [SkippableFact]
    public async Task Prometheus_reads_what_gateway_and_silo_tell()
    {
        Need.Postgres();
        Need.Prometheus();
        await using var silo = new SiloProcess(_postgres!.ConnectionString());
        await silo.StartAsync();
        await using var gateway = await Gateway.WithArgumentsAsync("--cluster", _postgres.ConnectionString());
        await gateway.ReadyAsync();
        await using var prometheus = await PrometheusServer.StartAsync(new Dictionary<string, int> { ["gateway"] = gateway.Port, ["silo"] = silo.HttpPort });

        // Two of them run at once, 200 ms each, and the others wait.
        var answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(_ => gateway.GetAsync("/")));
        answers.ShouldAllBe(answer => answer.Status == 200);
        await ShowsAsync(prometheus, "sum(admission_requests_total{admission_outcome=~\"admitted.*\"})", Requests);

        // Each is scraped at a time of its own.
        await ShowsAsync(prometheus, "sum(up)", 2);
        (await prometheus.QueryAsync("up")).Select(row => (row.Labels["job"], row.Value)).ShouldBe([("gateway", 1), ("silo", 1)], ignoreOrder: true);
        await ShowsAsync(prometheus, "admission_ledger_limit", 2);
        (await prometheus.QueryAsync("admission_ledger_limit")).ShouldHaveSingleItem().Labels["job"].ShouldBe("silo");
        await ShowsAsync(prometheus, "count(admission_ledger_destination_open == 1)", 2);
        await ShowsAsync(prometheus, "admission_ledger_state{admission_state=\"granting\"}", 1);
        await ShowsAsync(prometheus, "sum(admission_wait_duration_seconds_count) > bool 5", 1);
        await ShowsAsync(prometheus, "histogram_quantile(0.99, sum by (le) (admission_wait_duration_seconds_bucket)) > bool 0.5", 1);
        await ShowsAsync(prometheus, "admission_authority_age_seconds < bool 10", 1);
        await ShowsAsync(prometheus, "count(target_info)", 2);
        await CheckLabelsAsync(prometheus);

        var types = await prometheus.AskAsync("/api/v1/metadata");
        types.GetProperty("admission_ledger_limit")[0].GetProperty("type").GetString().ShouldBe("gauge");
        types.GetProperty("admission_wait_duration_seconds")[0].GetProperty("type").GetString().ShouldBe("histogram");
        var rules = (await prometheus.AskAsync("/api/v1/rules")).GetProperty("groups")[0].GetProperty("rules").EnumerateArray().ToList();
        rules.Count.ShouldBeGreaterThan(10);
        rules.ShouldAllBe(rule => rule.GetProperty("health").GetString() != "err", "each can be evaluated");
        prometheus.Output.ShouldBeEmpty("nothing that it scraped made it warn");
    }

    private static Task ShowsAsync(PrometheusServer prometheus, string query, double value)
    {
        var seen = "";
        return Until.TrueAsync(
            async () =>
            {
                var rows = await prometheus.QueryAsync(query);
                seen = string.Join(", ", rows.Select(row => row.Value));
                return rows.Count == 1 && rows[0].Value.Equals(value);
            },
            Bound, () => $"{query} is never {value}: {seen}\n{prometheus.Output}");
    }

    /// <summary>No metric has an attribute that docs/telemetry.md does not list for it.</summary>
    private static async Task CheckLabelsAsync(PrometheusServer prometheus)
    {
        var documented = File.ReadLines(Path.Combine(Repository.Root, "docs/telemetry.md"))
            .Where(line => line.StartsWith("| `admission.", StringComparison.Ordinal))
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim().Trim('`')).ToArray())
            .Where(cells => cells.Length == 6)
            .ToDictionary(cells => cells[0].Replace('.', '_'), cells => cells[3].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(each => $"admission_{each}"));
        var rows = await prometheus.QueryAsync("{__name__=~\"admission_.+\"}");
        rows.Count.ShouldBeGreaterThan(50);
        foreach (var (labels, _) in rows)
        {
            var instrument = documented.Keys.Where(name => labels["__name__"].StartsWith(name, StringComparison.Ordinal)).MaxBy(name => name.Length).ShouldNotBeNull(labels["__name__"]);
            labels.Keys.ShouldBeSubsetOf(documented[instrument].Concat(Always), labels["__name__"]);
        }
    }
}
