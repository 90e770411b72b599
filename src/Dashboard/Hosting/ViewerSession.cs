using Admission.Security.Callers;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.Extensions.Logging;

namespace Admission.Dashboard.Hosting;

/// <summary>Who a circuit's viewer is. An open page is shown nothing more once its key has gone: nobody would let it in again, and it must not stay in by never leaving.</summary>
internal sealed class ViewerSession(ILoggerFactory logs, AccessGate gate) : RevalidatingServerAuthenticationStateProvider(logs)
{
    /// <inheritdoc />
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(15);

    /// <inheritdoc />
    protected override Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        Task.FromResult(gate.StillHolds(authenticationState.User));
}
