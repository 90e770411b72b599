using Admission.Dashboard.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.AspNetCore.Http;

namespace Admission.Dashboard.Components;

/// <summary>The document.</summary>
public partial class App
{
    private const string ThemeCookie = "admission-theme";

    private static readonly InteractiveServerRenderMode Mode = new(prerender: true);

    [Inject]
    private DashboardAssets Files { get; set; } = null!;

    [CascadingParameter]
    private HttpContext Context { get; set; } = null!;

    private static string Base => $"{DashboardApplicationBuilderExtensions.DashboardPath}/";

    // Known to the server, so that a page does not come up in the other colours first.
    private string? Theme => Context.Request.Cookies[ThemeCookie] is "light" or "dark" ? Context.Request.Cookies[ThemeCookie] : null;
}
