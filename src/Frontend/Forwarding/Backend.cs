using Admission.Frontend.Configuration;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Forwarding;

/// <summary>A protected cluster at run time.</summary>
internal sealed class Backend(BackendSettings settings)
{
    private volatile BackendSettings _settings = settings;
    private volatile RefusalText? _lastRefusal;

    public string Id { get; } = settings.ClusterId;

    /// <summary>The settings in force; read once in a request.</summary>
    public BackendSettings Settings
    {
        get => _settings;
        set => _settings = value;
    }

    /// <summary>Whether its ledger has taken a policy yet.</summary>
    public bool Delivered { get; set; }

    /// <summary>The settings have it no more.</summary>
    public bool Removed { get; set; }

    /// <summary>The refusal that was written last: in a storm all are alike.</summary>
    public RefusalText? LastRefusal
    {
        get => _lastRefusal;
        set => _lastRefusal = value;
    }
}
