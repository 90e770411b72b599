using System.Net;

namespace Admission.Kubernetes.Tests;

/// <summary>The gateway's process and a real resolver against a DNS server of the test's own, which answers as a cluster's does for a headless Service.</summary>
public sealed class HeadlessServiceTests : IDisposable
{
    private const string Scale = "/admission/v1/backends/model/scale";

    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri($"http://127.0.0.1:{FreePort.Take()}"), Timeout = TimeSpan.FromSeconds(5) };

    public void Dispose()
    {
        _http.Dispose();
        _folder.Dispose();
    }

    [SkippableFact]
    public async Task Pods_are_followed_and_a_server_in_trouble_takes_none_of_them_away()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Needs root, for port 53 and a resolv.conf of its own.");
        await using var names = new NameServer();
        names.Say("127.0.1.1", "127.0.1.2");
        await using var gateway = await StartAsync(names);
        Skip.If(gateway.Output.Contains("unshare:", StringComparison.Ordinal) || gateway.Output.Contains("mount:", StringComparison.Ordinal), "May not make a mount namespace (unshare -m).");
        await LimitBecomesAsync(2, gateway);

        names.Say(null);
        var failures = names.Failures;
        await Until.TrueAsync(() => names.Failures >= failures + 3, TimeSpan.FromSeconds(30), () => gateway.Output);
        (await ScaleAsync() ?? "").ShouldContain("\"limit\":2,");
        gateway.Output.ShouldContain("DNS does not answer for model-server.test.");

        names.Say("127.0.1.1", "127.0.1.2", "127.0.1.3");
        await LimitBecomesAsync(3, gateway);
        names.Say();
        await LimitBecomesAsync(0, gateway);
    }

    private async Task<ChildProcess> StartAsync(NameServer names)
    {
        await File.WriteAllTextAsync(_folder["resolv.conf"], $"nameserver {names.Address}\noptions timeout:1 attempts:1\n");
        await File.WriteAllTextAsync(
            _folder["appsettings.json"],
            """
            {
              "ReverseProxy": {
                "Routes": { "all": { "ClusterId": "model", "Match": { "Path": "{**any}" } } },
                "Clusters": { "model": { "Destinations": {
                  "pod": { "Address": "http://model-server.test.:8000", "Metadata": { "Admission.Resolve": "Dns", "Admission.Resolve.Every": "500ms" } } } } }
              },
              "Admission": { "Backends": { "model": { "DestinationLimit": 1 } } }
            }
            """);
        var environment = new Dictionary<string, string> { ["ASPNETCORE_URLS"] = _http.BaseAddress!.ToString(), ["Admission__DataFolder"] = _folder["data"] };
        var start = $"mount --bind '{_folder["resolv.conf"]}' /etc/resolv.conf && exec dotnet '{Path.Combine(AppContext.BaseDirectory, "Admission.Frontend.dll")}'";
        var gateway = ChildProcess.Start("unshare", ["-m", "sh", "-c", start], environment, _folder.Path);
        await Until.TrueAsync(
            async () => gateway.HasExited || gateway.Output.Contains("Admission listens on", StringComparison.Ordinal) && await ScaleAsync() is not null, TimeSpan.FromSeconds(60), () => gateway.Output);
        return gateway;
    }

    private Task LimitBecomesAsync(int limit, ChildProcess gateway) =>
        Until.TrueAsync(async () => (await ScaleAsync())?.Contains($"\"limit\":{limit},", StringComparison.Ordinal) == true, TimeSpan.FromSeconds(30), () => $"The limit does not become {limit}.\n{gateway.Output}");

    private async Task<string?> ScaleAsync()
    {
        using var answer = await _http.GetAsync(Scale);
        return answer.StatusCode == HttpStatusCode.OK ? await answer.Content.ReadAsStringAsync() : null;
    }
}
