using System.Net;
using Microsoft.AspNetCore.Http;

namespace Admission.Security.Callers;

/// <summary>By which names a browser on this machine may address it.</summary>
/// <remarks>
/// A page of a stranger can have its own name resolve to 127.0.0.1 once it is loaded (DNS rebinding), and then the browser takes what it asks here for its own site. The name is in <c>Host</c>
/// all the same. <c>localhost</c> and what is below it never leaves the machine (RFC 6761, 6.3).
/// </remarks>
internal static class LoopbackNames
{
    /// <summary>Whether the name is one of loopback's, or configured. No name at all is no browser's.</summary>
    public static bool Include(HostString host, IReadOnlyList<string> configured)
    {
        var name = host.Host;
        return name.Length == 0
            || string.Equals(name, "localhost", StringComparison.OrdinalIgnoreCase)
            || name.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(name, out var address) && IPAddress.IsLoopback(address))
            || configured.Contains(name, StringComparer.OrdinalIgnoreCase);
    }
}
