using Microsoft.AspNetCore.Http;

namespace Admission.Security.Callers;

/// <summary>Requests that a browser makes for the page of another site, with what the user has here: cookies, or being on this machine.</summary>
/// <remarks>
/// Browsers say it themselves, in <c>Sec-Fetch-Site</c> (W3C Fetch Metadata) where the address is https or loopback, and in <c>Origin</c> with everything but GET and HEAD, and with WebSockets; no page can
/// write either. Programs send neither, and are not asked.
/// </remarks>
internal static class CrossSite
{
    /// <summary>Whether the request changes something, or opens a connection that can, for another site.</summary>
    public static bool Changes(HttpContext context)
    {
        var request = context.Request;
        var isSafe = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method) || HttpMethods.IsOptions(request.Method);
        return (!isSafe || IsUpgrade(request)) && IsFromElsewhere(request);
    }

    /// <summary>Whether it is made for another site.</summary>
    public static bool IsFromElsewhere(HttpRequest request)
    {
        if (request.Headers.TryGetValue("Sec-Fetch-Site", out var site))
        {
            return site is not (["same-origin"] or ["none"]);
        }

        return request.Headers.TryGetValue("Origin", out var origin)
            && !(origin is [{ } text] && Uri.TryCreate(text, UriKind.Absolute, out var from) && string.Equals(from.Authority, Authority(request, from), StringComparison.OrdinalIgnoreCase));
    }

    // Where TLS ends before this process, the scheme is not the browser's, but the name and the port are. A port that is the scheme's own is not written.
    private static string Authority(HttpRequest request, Uri from)
    {
        var host = request.Host;
        return host.Port is { } port && port == (from.Scheme == Uri.UriSchemeHttps ? 443 : 80) ? host.Host : host.Value ?? "";
    }

    private static bool IsUpgrade(HttpRequest request) =>
        request.Headers.ContainsKey("Upgrade") || HttpMethods.IsConnect(request.Method);
}
