using Admission.Security;
using Admission.Security.Callers;
using Microsoft.AspNetCore.Components.Authorization;

namespace Admission.Dashboard.Hosting;

/// <summary>Who looks at a page: asked again for each thing that is done, because a right may end while a page is open. One for each circuit.</summary>
internal sealed class DashboardViewer(AuthenticationStateProvider authentication, AccessGate gate)
{
    private const int LongestName = 100;

    /// <summary>The name for the audit trail.</summary>
    public async Task<string> NameAsync()
    {
        var user = (await authentication.GetAuthenticationStateAsync()).User;
        var name = user.Identity is { IsAuthenticated: true, Name: { Length: > 0 } known } ? known : Caller.OnThisMachine;
        return name.Length <= LongestName ? name : name[..LongestName];
    }

    /// <summary>Whether the viewer may change anything, by the credentials that are configured now.</summary>
    public async Task<bool> MayOperateAsync()
    {
        var user = (await authentication.GetAuthenticationStateAsync()).User;
        return user.IsInRole(AccessPolicies.Operator) && gate.StillHolds(user);
    }
}
