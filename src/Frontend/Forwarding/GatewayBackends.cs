using Admission.Dashboard.Feed;

namespace Admission.Frontend.Forwarding;

/// <summary>The backends of this gateway's configuration whose policy is enforced, for the dashboard.</summary>
internal sealed class GatewayBackends(BackendTable backends) : IBackendDirectory
{
    /// <inheritdoc/>
    public Task<IReadOnlyCollection<string>> ListAsync(CancellationToken cancellation) =>
        Task.FromResult<IReadOnlyCollection<string>>([.. backends.All.Where(static backend => backend.Settings.IsEnforced).Select(static backend => backend.Id)]);
}
