namespace Admission.Kubernetes.Tests;

/// <summary>The example for KEDA fits the sample and the gateway. KEDA's own types are no part of Kubernetes', so nothing here holds it to them.</summary>
public sealed class AutoscaleSampleTests
{
    [SkippableFact]
    public async Task It_scales_what_the_sample_has_and_asks_where_the_gateway_answers()
    {
        Tools.NeedKubectl();
        var sample = await Rendered.LoadAsync("k8s/samples/model-server");
        var objects = Yaml.Objects(await File.ReadAllTextAsync(Path.Combine(Rendered.Root, "k8s/samples/autoscale/scaledobject.yaml")));
        var scaled = objects.Single(each => each.Text("kind") == "ScaledObject");
        scaled.Text("metadata", "namespace").ShouldBe("admission");
        sample.Has(scaled.Text("spec", "scaleTargetRef", "kind"), scaled.Text("spec", "scaleTargetRef", "name")).ShouldBeTrue();
        (scaled.Number("spec", "minReplicaCount") <= scaled.Number("spec", "maxReplicaCount")).ShouldBeTrue();
        var trigger = scaled.Each("spec", "triggers").Single();
        objects.Where(each => each.Text("kind") == "TriggerAuthentication").Select(each => each.Text("metadata", "name")).ShouldContain(trigger.Text("authenticationRef", "name"));
        var url = new Uri(trigger.Text("metadata", "url")!);
        sample.Has("Service", url.Host.Split('.')[0]).ShouldBeTrue();
        url.AbsolutePath.ShouldBe("/admission/v1/backends/model/scale");
        using var settings = System.Text.Json.JsonDocument.Parse(sample.Of("ConfigMap").Single(map => map.Text("metadata", "name") == "admission-configuration").Text("data", "appsettings.json")!);
        settings.RootElement.GetProperty("Admission").GetProperty("Backends").TryGetProperty("model", out _).ShouldBeTrue();
        (await File.ReadAllTextAsync(Path.Combine(Rendered.Root, "src/Frontend/Api/openapi.json"))).ShouldContain($"\"{trigger.Text("metadata", "valueLocation")}\": {{\"type\": \"integer\"}}");
    }
}
