using Admission.Security;
using Admission.Security.Callers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Admission.Dashboard.Hosting;

/// <summary>What comes before every answer of the dashboard, its files and its connection too: only viewers get one, and each carries the headers that browsers go by.</summary>
internal static class DashboardGate
{
    // Style attributes are the charts'; everything else comes from files of this address, and nobody may frame it.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    private static readonly AccessMetadata Viewers = new(AccessRole.Viewer);

    /// <summary>Passes a viewer's request on, and answers any other.</summary>
    public static Task PassAsync(HttpContext context, RequestDelegate next) =>
        context.RequestServices.GetRequiredService<AccessGate>().AnswerAsync(context, Viewers, passed =>
        {
            passed.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
            return next(passed);
        });
}
