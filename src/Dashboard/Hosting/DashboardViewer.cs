using Microsoft.AspNetCore.Components.Authorization;

namespace Admission.Dashboard.Hosting;

/// <summary>Who looks at a page: asked again for each thing that is done, because a right may end while a page is open. One for each circuit.</summary>
internal sealed class DashboardViewer(AuthenticationStateProvider authentication)
{
    // As the admin API says it, so that the audit trail has one word for it.
    private const string OnThisMachine = "somebody on this machine";

    private const int LongestName = 100;

    /// <summary>The name for the audit trail.</summary>
    public async Task<string> NameAsync()
    {
        var user = (await authentication.GetAuthenticationStateAsync()).User;
        var name = user.Identity is { IsAuthenticated: true, Name: { Length: > 0 } known } ? known : OnThisMachine;
        return name.Length <= LongestName ? name : name[..LongestName];
    }

    /// <summary>Whether the viewer may change anything.</summary>
    public Task<bool> MayOperateAsync() => Task.FromResult(true);
}
