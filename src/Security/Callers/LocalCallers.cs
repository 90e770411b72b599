using System.Net;
using Microsoft.AspNetCore.Http;

namespace Admission.Security.Callers;

/// <summary>Who is on this machine.</summary>
internal static class LocalCallers
{
    // A proxy on this machine connects from loopback for everybody that it lets in. X-Original-For is where ASP.NET's middleware puts the connection's address when it has believed X-Forwarded-For.
    private static readonly string[] OfProxies =
        ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Original-For", "X-Real-IP", "Via"];

    /// <summary>Whether the connection comes from this machine and nothing says that it is for somebody else. A Unix socket has no address, and is local.</summary>
    public static bool Are(HttpContext context) =>
        (context.Connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address)) && !AreForwarded(context.Request);

    /// <summary>Whether a proxy has passed the request on, as far as it says so. Whoever writes such a header himself only loses by it.</summary>
    public static bool AreForwarded(HttpRequest request) => Array.Exists(OfProxies, request.Headers.ContainsKey);
}
