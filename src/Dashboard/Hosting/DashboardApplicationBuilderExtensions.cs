using Admission.Dashboard.Components;
using Admission.Dashboard.Components.Pages;
using Admission.Dashboard.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Serves the dashboard.</summary>
public static class DashboardApplicationBuilderExtensions
{
    /// <summary>The path below which everything of the dashboard is: pages, files and the connection that keeps them live.</summary>
    public const string DashboardPath = "/admission/dashboard";

    // Where an application keeps the builder of its endpoints; a branch that has it would add its own to those of the application.
    private const string EndpointsOfApplication = "__GlobalEndpointRouteBuilder";

    /// <summary>
    /// Serves the dashboard below <see cref="DashboardPath"/>, and nothing elsewhere. Goes before whatever else the application does with requests. Needs
    /// <see cref="DashboardServiceCollectionExtensions.AddAdmissionDashboard"/>.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <returns>The same application.</returns>
    public static IApplicationBuilder MapAdmissionDashboard(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.Map(DashboardPath, static branch =>
        {
            // Blazor's routes begin at the root. In a branch with a path base of its own and a route table of its own that root is the dashboard, and the real one stays the backends'.
            branch.Properties.Remove(EndpointsOfApplication);
            branch.Use(static (context, next) =>
            {
                // A route of the application's that takes everything may have matched already.
                context.SetEndpoint(null);
                context.Request.RouteValues = [];
                return DashboardGate.PassAsync(context, next);
            });
            branch.UseRouting();
            branch.Use(SayNotFound);
            branch.UseAntiforgery();
            branch.UseEndpoints(static endpoints =>
            {
                endpoints.MapMethods("/assets/{name}", [HttpMethods.Get, HttpMethods.Head], static (HttpContext context, string name, DashboardAssets assets) => assets.Answer(context, name));
                endpoints.MapRazorComponents<App>().AddInteractiveServerRenderMode(static mode =>
                {
                    // The gate says who may frame the dashboard: nobody.
                    mode.ContentSecurityFrameAncestorsPolicy = "'none'";
                });
            });
        });
    }

    /// <summary>The page that says that there is none comes with the status that says so. At the last moment: Blazor renders no page with a status of its own.</summary>
    private static Task SayNotFound(HttpContext context, RequestDelegate next)
    {
        if (context.GetEndpoint() is RouteEndpoint { RoutePattern.RawText: NotFound.Anything })
        {
            context.Response.OnStarting(
                static state =>
                {
                    ((HttpResponse)state).StatusCode = StatusCodes.Status404NotFound;
                    return Task.CompletedTask;
                },
                context.Response);
        }

        return next(context);
    }
}
