namespace Admission.Kubernetes.Tests;

/// <summary>The rendered manifests fit Kubernetes' own types (eng/kubernetes/check.mjs), and what does not is found.</summary>
public sealed class TypeTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task Every_object_has_an_allowed_version_and_only_fields_and_values_that_Kubernetes_knows()
    {
        Tools.NeedTypes();
        foreach (var directory in Rendered.Directories)
        {
            await File.WriteAllTextAsync(_folder[$"{directory.Replace('/', '-')}.yaml"], await Rendered.TextAsync(directory));
        }

        // One that is wrong in each way, beside them: so what passes was looked at.
        var production = await Rendered.TextAsync("k8s/overlays/production");
        await File.WriteAllTextAsync(_folder["wrong.yaml"], production
            .Replace("serviceAccountName: admission-frontend", "serviceAcountName: admission-frontend", StringComparison.Ordinal)
            .Replace("containerPort: 8081", "containerPort: http", StringComparison.Ordinal)
            .Replace("apiVersion: policy/v1\n", "apiVersion: policy/v1beta1\n", StringComparison.Ordinal)
            .Replace("kind: Namespace\n", "kind: Namespace\nkind: Namespace\n", StringComparison.Ordinal));
        await using var check = ChildProcess.Start("node", [Path.Combine(Rendered.Root, "eng/kubernetes/check.mjs"), .. Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal)]);
        (await check.WaitForExitAsync(TimeSpan.FromSeconds(60))).ShouldBe(1, check.Output);
        var lines = check.Output.Split('\n');
        lines.SkipLast(1).ShouldAllBe(line => line.StartsWith(_folder["wrong.yaml"], StringComparison.Ordinal));
        lines.ShouldContain(line => line.Contains("'\"serviceAcountName\"' does not exist", StringComparison.Ordinal));
        lines.ShouldContain(line => line.Contains("containerPort must be integer", StringComparison.Ordinal));
        lines.ShouldContain(line => line.Contains("apiVersion policy/v1beta1 with kind PodDisruptionBudget is not among those allowed", StringComparison.Ordinal));
        lines.ShouldContain(line => line.Contains("Map keys must be unique", StringComparison.Ordinal));
    }
}
