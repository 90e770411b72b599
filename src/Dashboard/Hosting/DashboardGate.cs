using Admission.Grains.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Admission.Dashboard.Hosting;

/// <summary>What comes before every answer of the dashboard: who may not have one, and the headers that each of them carries.</summary>
internal static class DashboardGate
{
    // Style attributes are the charts'; everything else comes from files of this address, and nobody may frame it.
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'self'; frame-ancestors 'none'";

    /// <summary>Passes a request on, or refuses it.</summary>
    public static Task PassAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = ContentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers["Referrer-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";

        if (!LocalCallers.Are(context) || IsForwarded(context.Request))
        {
            return RefuseAsync(context, "Only for callers on this machine", "The dashboard answers on loopback only. Open it on the machine that this process runs on.");
        }

        if (!HasLoopbackName(context.Request))
        {
            return RefuseAsync(context, "Only under a name of this machine",
                $"The dashboard answers to localhost and loopback addresses only, not to '{context.Request.Host.Host}': otherwise any web page could give its own name this machine's address.");
        }

        return IsFromElsewhere(context.Request)
            ? RefuseAsync(context, "Not from another site's page", "The browser says that a page of another address has asked.")
            : next(context);
    }

    // What a proxy on this machine passes on comes from somebody else.
    private static bool IsForwarded(HttpRequest request) => request.Headers.ContainsKey("Forwarded") || request.Headers.ContainsKey("X-Forwarded-For");

    private static bool HasLoopbackName(HttpRequest request) =>
        string.Equals(request.Host.Host, "localhost", StringComparison.OrdinalIgnoreCase)
        || request.Host.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
        || (System.Net.IPAddress.TryParse(request.Host.Host, out var address) && System.Net.IPAddress.IsLoopback(address));

    // A WebSocket may be opened by the page of any site, and the browser says which.
    private static bool IsFromElsewhere(HttpRequest request) =>
        request.Headers.Origin is [{ Length: > 0 } origin]
        && !(Uri.TryCreate(origin, UriKind.Absolute, out var from) && string.Equals(from.Authority, new Uri($"{from.Scheme}://{request.Host}").Authority, StringComparison.OrdinalIgnoreCase));

    private static Task RefuseAsync(HttpContext context, string title, string detail)
    {
        context.Response.Headers[HeaderNames.CacheControl] = "no-store";
        return Results.Problem(detail, statusCode: StatusCodes.Status403Forbidden, title: title).ExecuteAsync(context);
    }
}
