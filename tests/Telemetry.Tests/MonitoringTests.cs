using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Admission.Telemetry.Tests.Support;

namespace Admission.Telemetry.Tests;

/// <summary>The dashboard and the alert rules under k8s/monitoring: right by Prometheus' own tools, and about metrics that there are.</summary>
public sealed class MonitoringTests
{
    private const string Folder = "k8s/monitoring";

    private static readonly string Rules = Repository.PathOf($"{Folder}/prometheus-rules.yaml");
    private static readonly string RuleTests = Repository.PathOf($"{Folder}/prometheus-rules.test.yaml");

    [SkippableFact]
    public async Task The_rules_are_right_and_their_tests_pass()
    {
        Promtool.Need();
        var (code, output) = await Promtool.RunAsync(null, "check", "rules", Rules);
        code.ShouldBe(0, output);
        (code, output) = await Promtool.RunAsync(null, "test", "rules", RuleTests);
        code.ShouldBe(0, output);
    }

    [SkippableFact]
    public async Task The_scrape_in_Kubernetes_is_right()
    {
        Promtool.Need();
        const string Discovery = "    kubernetes_sd_configs:\n      - role: pod\n        namespaces: { names: [ admission ] }\n";
        var text = await File.ReadAllTextAsync(Repository.PathOf($"{Folder}/prometheus-scrape.yaml"));
        text.ShouldContain(Discovery);
        using var folder = new TemporaryFolder();
        var file = folder["prometheus.yml"];

        // Debian's promtool has none of Kubernetes in it.
        await File.WriteAllTextAsync(file, text.Replace(Discovery, "    static_configs: [ { targets: [ \"10.0.0.1:8080\" ] } ]\n", StringComparison.Ordinal));
        var (code, output) = await Promtool.RunAsync(null, "check", "config", "--syntax-only", file);
        code.ShouldBe(0, output);
    }

    [Fact]
    public void Each_alert_has_a_test_in_which_it_fires()
    {
        var alerts = Matches(File.ReadAllText(Rules), @"- alert: (\w+)");
        var tests = File.ReadAllText(RuleTests);
        alerts.Count.ShouldBeGreaterThan(10);
        alerts.ShouldBeSubsetOf(Matches(tests, @"alertname: (\w+)\s+exp_alerts:\s+- exp_labels"));
    }

    [Fact]
    public void The_rules_and_the_dashboard_name_only_metrics_that_there_are()
    {
        var text = File.ReadAllText(Rules) + File.ReadAllText(RuleTests) + string.Join('\n', Expressions());
        var named = Matches(text, @"\b(admission_[a-z_]+)(?=\{|\[|\)| |$)").Where(name => !IsLabel(name)).ToHashSet();
        named.Count.ShouldBeGreaterThan(20);
        named.ShouldBeSubsetOf(Instruments.Samples);
    }

    [Fact]
    public void The_dashboard_shows_every_instrument()
    {
        var text = string.Join('\n', Expressions());
        Instruments.All.Where(instrument => !text.Contains(instrument.Prometheus, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task The_dashboards_queries_are_right()
    {
        Promtool.Need();
        var rules = string.Join('\n', Expressions().Select((query, number) =>
            $"  - record: dashboard:query{number}\n    expr: '{query.Replace("$__rate_interval", "1m", StringComparison.Ordinal).Replace("$backend", ".*", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal)}'"));
        using var folder = new TemporaryFolder();
        var file = folder["dashboard.yaml"];
        await File.WriteAllTextAsync(file, $"groups:\n- name: dashboard\n  rules:\n{rules}\n");
        var (code, output) = await Promtool.RunAsync(null, "check", "rules", file);
        code.ShouldBe(0, output);
        output.ShouldContain($"{Expressions().Count} rules found");
    }

    [Fact]
    public void Each_panel_has_a_place_of_its_own_and_a_title()
    {
        var panels = Dashboard()["panels"]!.AsArray();
        panels.Select(panel => panel!["id"]!.GetValue<int>()).ShouldBeUnique();
        panels.Select(panel => (panel!["gridPos"]!["x"]!.GetValue<int>(), panel["gridPos"]!["y"]!.GetValue<int>())).ShouldBeUnique();
        panels.ShouldAllBe(panel => panel!["title"]!.GetValue<string>().Length > 2);
    }

    private static bool IsLabel(string name) => name is "admission_backend" or "admission_outcome" or "admission_reason" or "admission_priority" or "admission_state"
        or "admission_destination" or "admission_medium";

    private static JsonNode Dashboard() => JsonNode.Parse(File.ReadAllText(Repository.PathOf($"{Folder}/grafana-dashboard.json")))!;

    private static List<string> Expressions() =>
    [
        .. Dashboard()["panels"]!.AsArray().SelectMany(panel => panel!["targets"]?.AsArray() ?? []).Select(target => target!["expr"]!.GetValue<string>()),
    ];

    private static List<string> Matches(string text, string pattern) =>
        [.. Regex.Matches(text, pattern, RegexOptions.Multiline, TimeSpan.FromSeconds(5)).Select(match => match.Groups[1].Value)];
}
