using Admission.Client;
using Admission.Frontend.Classification;
using Admission.Frontend.Configuration;
using Admission.Frontend.Problems;
using Yarp.ReverseProxy.Model;

namespace Admission.Frontend.Forwarding;

/// <summary>A protected cluster at run time.</summary>
internal sealed partial class Backend(BackendSettings settings)
{
    private volatile BackendClassifier _classifier = new(settings);
    private volatile RefusalText? _lastRefusal;
    private volatile FencedModel? _fenced;
    private volatile ShadowBackend? _shadow;

    public string Id { get; } = settings.ClusterId;

    /// <summary>The settings in force.</summary>
    public BackendSettings Settings
    {
        get => _classifier.Settings;
        set => _classifier = _classifier.With(value);
    }

    /// <summary>The settings in force, and what they mean for each route; read once in a request.</summary>
    public BackendClassifier Classifier => _classifier;

    /// <summary>Whether its ledger has taken a policy yet, or needs none because none is enforced.</summary>
    public bool Delivered { get; set; } = !settings.IsEnforced;

    /// <summary>The policy that is decided in shadow; null for none.</summary>
    public ShadowBackend? Shadow
    {
        get => _shadow;
        set => _shadow = value;
    }

    /// <summary>The settings have it no more.</summary>
    public bool Removed { get; set; }

    /// <summary>The refusal that was written last: in a storm all are alike.</summary>
    public RefusalText? LastRefusal
    {
        get => _lastRefusal;
        set => _lastRefusal = value;
    }

    /// <summary>YARP's cluster with the fence before its HTTP client.</summary>
    /// <param name="cluster">YARP's cluster.</param>
    /// <param name="logger">Is told, once for each client, that its connections do not ask.</param>
    public ClusterModel Fence(ClusterModel cluster, ILogger logger)
    {
        var fenced = _fenced;
        return fenced is not null && ReferenceEquals(fenced.Original, cluster) ? fenced.Fenced
            : cluster.HttpClient is FencedClient ? cluster
            : FenceNew(cluster, logger);
    }

    // Apart from Fence, where the callback would cost every request an object.
    private ClusterModel FenceNew(ClusterModel cluster, ILogger logger)
    {
        var fenced = new FencedModel(cluster, new ClusterModel(cluster.Config, new FencedClient(cluster.HttpClient, () => LogUnfenced(logger, Id))));
        _fenced = fenced;
        return fenced.Fenced;
    }

    [LoggerMessage(2021, LogLevel.Warning, "The connections to backend '{Backend}' do not check the lease before they write. Call UseAdmissionFence() on the SocketsHttpHandler in ConfigureHttpClient or in the HTTP client factory.")]
    private static partial void LogUnfenced(ILogger logger, string backend);

    private sealed record FencedModel(ClusterModel Original, ClusterModel Fenced);
}
