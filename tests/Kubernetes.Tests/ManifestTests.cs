namespace Admission.Kubernetes.Tests;

/// <summary>The manifests keep every rule that no schema has, and every rule is seen to find what it is for.</summary>
public sealed class ManifestTests
{
    public static TheoryData<string> Directories => [.. Rendered.Directories];

    [SkippableTheory]
    [MemberData(nameof(Directories))]
    public async Task What_is_rendered_keeps_every_rule(string directory)
    {
        Tools.NeedKubectl();
        var all = await Rendered.LoadAsync(directory);
        all.Workloads.Count.ShouldBeGreaterThanOrEqualTo(2);
        (await Rendered.ProblemsAsync(all)).ShouldBeEmpty();
    }

    [SkippableTheory]

    // Selectors and labels.
    [InlineData("Deployment/admission-silo: its selector does not match", "    matchLabels:\n      app.kubernetes.io/component: silo\n  strategy", "    matchLabels:\n      app.kubernetes.io/component: slio\n  strategy")]
    [InlineData("Service/admission-frontend: its selector matches 0", "  selector:\n    app.kubernetes.io/component: frontend", "  selector:\n    app.kubernetes.io/component: frontnd")]
    [InlineData("PodDisruptionBudget/admission-silo: its selector", "  maxUnavailable: 1\n  selector:\n    matchLabels:\n      app.kubernetes.io/component: silo", "  maxUnavailable: 1\n  selector:\n    matchLabels:\n      app.kubernetes.io/component: sillo")]
    [InlineData("its spread over topology.kubernetes.io/zone does not select", "            app.kubernetes.io/component: silo\n        matchLabelKeys:\n        - pod-template-hash\n        maxSkew: 1\n        nodeTaintsPolicy: Honor\n        topologyKey: topology.kubernetes.io/zone", "            app.kubernetes.io/component: frontend\n        matchLabelKeys:\n        - pod-template-hash\n        maxSkew: 1\n        nodeTaintsPolicy: Honor\n        topologyKey: topology.kubernetes.io/zone")]

    // Ports with names.
    [InlineData("Service/admission-frontend: no container has a port htpp", "    port: 80\n    targetPort: http", "    port: 80\n    targetPort: htpp")]
    [InlineData("readinessProbe asks at the port htpp", "readinessProbe:\n          failureThreshold: 2\n          httpGet:\n            path: /health/ready\n            port: http", "readinessProbe:\n          failureThreshold: 2\n          httpGet:\n            path: /health/ready\n            port: htpp")]
    [InlineData("NetworkPolicy/admission-silo: no container has a port gatway", "    - port: gateway", "    - port: gatway")]
    [InlineData("NetworkPolicy/admission-frontend: Deployment/admission-silo has no port 30001", "    - port: 30000", "    - port: 30001")]

    // Targets.
    [InlineData("HorizontalPodAutoscaler/admission-frontend: there is no Deployment/admission-fronted", "    kind: Deployment\n    name: admission-frontend", "    kind: Deployment\n    name: admission-fronted")]
    [InlineData("minReplicas is more than maxReplicas", "  minReplicas: 2", "  minReplicas: 11")]
    [InlineData("there is no ServiceAccount admission-sylo", "serviceAccountName: admission-silo", "serviceAccountName: admission-sylo")]
    [InlineData("there is no ConfigMap admission-config", "      - configMap:\n          name: admission-configuration", "      - configMap:\n          name: admission-config")]
    [InlineData("there is no Secret admission-databse", "              key: connection-string\n              name: admission-database", "              key: connection-string\n              name: admission-databse")]
    [InlineData("there is no volume configuration", "      - configMap:\n          name: admission-configuration\n        name: configuration", "      - configMap:\n          name: admission-configuration\n        name: config")]

    // Pods.
    [InlineData("may run as root", "        runAsNonRoot: true", "        runAsNonRoot: false")]
    [InlineData("seccompProfile is not RuntimeDefault", "          type: RuntimeDefault", "          type: Unconfined")]
    [InlineData("its pods have a token", "      automountServiceAccountToken: false", "      automountServiceAccountToken: true")]
    [InlineData("it has a token", "apiVersion: v1\nautomountServiceAccountToken: false", "apiVersion: v1\nautomountServiceAccountToken: true")]
    [InlineData("container silo: its securityContext", "          readOnlyRootFilesystem: true", "          readOnlyRootFilesystem: false")]
    [InlineData("container schema: its securityContext", "          allowPrivilegeEscalation: false", "          allowPrivilegeEscalation: true")]
    [InlineData("container frontend: resources:limits:memory is missing", "            memory: 1Gi\n", "")]
    [InlineData("container silo: startupProbe is missing", "startupProbe", "startProbe")]
    [InlineData("has no tag of its own", "admission/silo:0.1.0", "admission/silo:latest")]
    [InlineData("the volume data is the node's, or has no bound", "          sizeLimit: 2560Mi", "          medium: \"\"")]

    // What only Admission knows.
    [InlineData("ConfigMap/admission-configuration: Admission:Backends:model:Limt:", "\"Limit\": 4", "\"Limt\": 4")]
    [InlineData("ConfigMap/admission-configuration: Admission:Backends:model:LeaseTtl:", "\"Limit\": 4", "\"Limit\": 4, \"LeaseTtl\": \"2s\"")]
    [InlineData("preStop, ShutdownTimeout and what follows take 70 s", "\"ShutdownTimeout\": \"30s\"", "\"ShutdownTimeout\": \"60s\"")]
    [InlineData("a request to model may run longer", "\"RunTimeout\": \"30s\"", "\"RunTimeout\": \"31s\"")]
    [InlineData("without a preStop that sleeps", "            sleep:\n              seconds: 5", "            sleep:\n              seconds: 0")]
    [InlineData("the port gateway is reached by", "          app.kubernetes.io/component: frontend\n    ports:\n    - port: gateway", "          app.kubernetes.io/component: silo\n    ports:\n    - port: gateway")]
    [InlineData("none denies what the others do not allow", "  podSelector: {}", "  podSelector:\n    matchLabels:\n      app.kubernetes.io/component: silo")]
    [InlineData("NetworkPolicy/admission-silo: it opens something for pods of every kind", "  podSelector:\n    matchLabels:\n      app.kubernetes.io/component: silo", "  podSelector: {}")]
    [InlineData("its pods cannot ask DNS by TCP", "    - port: 53\n      protocol: TCP\n", "")]
    [InlineData("PodDisruptionBudget/admission-silo: it lets no pod go", "  maxUnavailable: 1\n  selector:\n    matchLabels:\n      app.kubernetes.io/component: silo", "  maxUnavailable: 0\n  selector:\n    matchLabels:\n      app.kubernetes.io/component: silo")]

    // What our own processes are told.
    [InlineData("Cluster:AdvertisedAdress: there is no such setting", "Cluster__AdvertisedAddress", "Cluster__AdvertisedAdress")]
    [InlineData("nobody reads the variable Clutser__ConnectionString", "Cluster__ConnectionString", "Clutser__ConnectionString")]
    [InlineData("Admission:DataFoldr: there is no such setting", "Admission__DataFolder", "Admission__DataFoldr")]
    [InlineData("container frontend: the configuration is not mounted where it works", "        workingDir: /config\n", "        workingDir: /app\n")]
    [InlineData("with a subPath", "        - mountPath: /config\n", "        - mountPath: /config\n          subPath: appsettings.json\n")]
    [InlineData("without DOTNET_USE_POLLING_FILE_WATCHER", "        - name: DOTNET_USE_POLLING_FILE_WATCHER\n          value: \"1\"", "        - name: DOTNET_USE_POLLING_FILE_WATCHER\n          value: \"0\"")]
    [InlineData("ASPNETCORE_URLS says 8082, and the port http is 8081", "http://*:8081", "http://*:8082")]
    [InlineData("Cluster__GatewayPort says 30001, and the port gateway is 30000", "          value: \"30000\"", "          value: \"30001\"")]
    [InlineData("livenessProbe asks /health/ready, and should ask /health/live", "/health/live", "/health/ready")]
    [InlineData("readinessProbe asks /healthz, and should ask /health/ready", "/health/ready", "/healthz")]
    [InlineData("less than the 35 s that a silo may take", "terminationGracePeriodSeconds: 45", "terminationGracePeriodSeconds: 30")]
    public async Task A_mistake_is_found(string problem, string right, string wrong)
    {
        Tools.NeedKubectl();
        var text = await Rendered.TextAsync("k8s/overlays/production");
        var broken = text.Replace(right, wrong, StringComparison.Ordinal);
        broken.ShouldNotBe(text, "The text to be broken is not there any more.");
        (await Rendered.ProblemsAsync(new ManifestSet(Yaml.Objects(broken), "admission-database"))).ShouldContain(each => each.Contains(problem, StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_secret_without_the_key_and_a_database_that_everybody_reaches_are_found()
    {
        Tools.NeedKubectl();
        var text = await Rendered.TextAsync("k8s/overlays/dev");
        var problems = await Rendered.ProblemsAsync(new ManifestSet(Yaml.Objects(
            text.Replace("key: schema-connection-string", "key: schema", StringComparison.Ordinal).Replace("          - silo\n          - frontend", "          - silo\n          - frontend\n          - other", StringComparison.Ordinal))));
        problems.ShouldContain("Deployment/admission-silo: the Secret admission-database has no key schema");
        problems.ShouldContain(each => each.Contains("the port postgres is reached by silo, frontend, other", StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task Production_has_three_silos_over_zones_and_machines_and_two_frontends()
    {
        Tools.NeedKubectl();
        var all = await Rendered.LoadAsync("k8s/overlays/production");
        var silo = all.Workloads.Single(workload => workload.Id == "Deployment/admission-silo");
        silo.Object.Number("spec", "replicas").ShouldBe(3);
        silo.Pod.Each("topologySpreadConstraints").Select(each => $"{each.Text("topologyKey")} {each.Text("whenUnsatisfiable")}")
            .ShouldBe(["topology.kubernetes.io/zone DoNotSchedule", "kubernetes.io/hostname DoNotSchedule"]);
        silo.Pod.Each("topologySpreadConstraints").Select(each => each.Text("nodeTaintsPolicy")).ShouldBe(["Honor", "Honor"], "The silos of a lost zone could not be replaced in another.");
        all.Of("HorizontalPodAutoscaler").Single().Number("spec", "minReplicas").ShouldBe(2);
        all.Of("Secret").ShouldBeEmpty("Secrets belong into no file.");
    }
}
