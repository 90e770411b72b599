namespace Admission.Kubernetes.Tests;

/// <summary>The example for KEDA fits the sample and the gateway. KEDA's own types are in no registry; the fields that it may have are those of its documentation (keda.sh/docs).</summary>
public sealed class AutoscaleSampleTests
{
    private static readonly string[] OfScaledObject =
        ["scaleTargetRef", "pollingInterval", "cooldownPeriod", "initialCooldownPeriod", "idleReplicaCount", "minReplicaCount", "maxReplicaCount", "fallback", "advanced", "triggers"];

    private static readonly string[] OfTrigger = ["type", "name", "useCachedMetrics", "metadata", "authenticationRef", "metricType"];
    private static readonly string[] OfMetricsApi = ["url", "valueLocation", "targetValue", "activationTargetValue", "authMode", "format", "unsafeSsl"];

    [Fact]
    public async Task It_has_only_fields_that_KEDA_s_documentation_has()
    {
        var objects = Yaml.Objects(await File.ReadAllTextAsync(Path.Combine(Rendered.Root, "k8s/samples/autoscale/scaledobject.yaml")));
        objects.Select(each => each.Text("apiVersion")).Distinct().ShouldBe(["keda.sh/v1alpha1"]);
        var scaled = objects.Single(each => each.Text("kind") == "ScaledObject");
        scaled.Map("spec").Keys.ShouldBeSubsetOf(OfScaledObject);
        scaled.Map("spec", "scaleTargetRef").Keys.ShouldBeSubsetOf(["apiVersion", "kind", "name", "envSourceContainerName"]);
        var trigger = scaled.Each("spec", "triggers").Single();
        trigger.Map().Keys.ShouldBeSubsetOf(OfTrigger);
        trigger.Text("type").ShouldBe("metrics-api");
        trigger.Text("metricType").ShouldBeOneOf("AverageValue", "Value");
        var metadata = trigger.Map("metadata");
        metadata.Keys.ShouldBeSubsetOf(OfMetricsApi);
        double.Parse(metadata["targetValue"], System.Globalization.CultureInfo.InvariantCulture).ShouldBeGreaterThan(0);

        // A bearer's token is the parameter of that name.
        metadata["authMode"].ShouldBe("bearer");
        objects.Single(each => each.Text("kind") == "TriggerAuthentication").Each("spec", "secretTargetRef").Single().Text("parameter").ShouldBe("token");
    }

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
