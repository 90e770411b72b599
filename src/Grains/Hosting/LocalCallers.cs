using System.Net;
using Microsoft.AspNetCore.Http;

namespace Admission.Grains.Hosting;

/// <summary>Who may ask what is for callers on this machine only.</summary>
internal static class LocalCallers
{
    /// <summary>The connection decides, not a header that anybody can write. A Unix socket has no address, and is local.</summary>
    public static bool Are(HttpContext context) => context.Connection.RemoteIpAddress is not { } address || IPAddress.IsLoopback(address);
}
