namespace Admission.Kubernetes.Tests;

/// <summary>A changed ConfigMap is applied without a restart: the kubelet puts another folder behind a symbolic link, which no notification of the kernel tells.</summary>
public sealed class LiveConfigMapTests
{
    [Fact]
    public async Task What_the_kubelet_puts_behind_the_link_is_applied()
    {
        using var folder = new TemporaryFolder();
        using var data = new TemporaryFolder();
        Write(folder["..first"], 2);
        Write(folder["..second"], 7);

        // Made in one tick of the file system's clock they would look the same; the kubelet makes them minutes apart.
        File.SetLastWriteTimeUtc(Path.Combine(folder["..first"], "appsettings.json"), DateTime.UnixEpoch);
        Directory.CreateSymbolicLink(folder["..data"], "..first");
        File.CreateSymbolicLink(folder["appsettings.json"], "..data/appsettings.json");
        var environment = new Dictionary<string, string>
        {
            // As in the manifests.
            ["DOTNET_USE_POLLING_FILE_WATCHER"] = "1",
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{FreePort.Take()}",
            ["Admission__DataFolder"] = data.Path,
        };
        await using var gateway = ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "Admission.Frontend.dll")], environment, folder.Path);
        await gateway.WaitForOutputAsync("is limited to 2 requests at once", TimeSpan.FromSeconds(60));

        Directory.CreateSymbolicLink(folder["..data_tmp"], "..second");
        await using var rename = ChildProcess.Start("mv", ["-T", folder["..data_tmp"], folder["..data"]]);
        (await rename.WaitForExitAsync(TimeSpan.FromSeconds(10))).ShouldBe(0, rename.Output);
        await gateway.WaitForOutputAsync("is limited to 7 requests at once", TimeSpan.FromSeconds(30));
    }

    private static void Write(string folder, int limit)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(
            Path.Combine(folder, "appsettings.json"),
            $$"""
            {
              "ReverseProxy": {
                "Routes": { "all": { "ClusterId": "model", "Match": { "Path": "{**any}" } } },
                "Clusters": { "model": { "Destinations": { "a": { "Address": "http://127.0.0.1:1" } } } }
              },
              "Admission": { "Backends": { "model": { "Limit": {{limit}} } } }
            }
            """);
    }
}
