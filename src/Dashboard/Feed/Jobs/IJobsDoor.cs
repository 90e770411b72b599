using Admission.Jobs;

namespace Admission.Dashboard.Feed.Jobs;

/// <summary>The way to the jobs' store, which a host opens when it needs it.</summary>
internal interface IJobsDoor
{
    /// <summary>Finds the store.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>The store, once it can be asked; or why it cannot, and whether there are jobs at all.</returns>
    ValueTask<(IJobStore? Store, bool IsOn, string? Problem)> OpenAsync(CancellationToken cancellation);

    /// <summary>A backend's policy for jobs; null where it is not known here.</summary>
    /// <param name="backend">The backend.</param>
    JobPolicy? PolicyOf(string backend);
}
