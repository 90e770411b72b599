using Admission.Dashboard.Feed;

namespace Admission.Dashboard.Components.Pages;

/// <summary>Silos, the processes that hold permits, and what has gone wrong.</summary>
public sealed partial class ClusterView
{
    /// <inheritdoc />
    protected override IDisposable? Watch(Action<ClusterPage> next) => Feed.WatchCluster(next);
}
