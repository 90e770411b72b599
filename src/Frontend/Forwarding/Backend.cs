using Admission.Client;
using Admission.Frontend.Classification;
using Admission.Frontend.Configuration;
using Admission.Frontend.Problems;
using Yarp.ReverseProxy.Model;

namespace Admission.Frontend.Forwarding;

/// <summary>A protected cluster at run time.</summary>
internal sealed class Backend(BackendSettings settings)
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
    /// <param name="unfenced">Is told, once for each client, that its connections do not ask.</param>
    public ClusterModel Fence(ClusterModel cluster, Action<string> unfenced)
    {
        var fenced = _fenced;
        if (fenced is null || !ReferenceEquals(fenced.Original, cluster))
        {
            fenced = new FencedModel(cluster, new ClusterModel(cluster.Config, new FencedClient(cluster.HttpClient, () => unfenced(Id))));
            _fenced = fenced;
        }

        return fenced.Fenced;
    }

    private sealed record FencedModel(ClusterModel Original, ClusterModel Fenced);
}
