using Microsoft.Extensions.DependencyInjection;

namespace Admission.Frontend.Hosting;

/// <summary>How the gateway connects to backends.</summary>
internal static class BackendConnections
{
    /// <summary>
    /// Idle connections are closed before the shortest keep-alive among usual servers (gunicorn: 2 s) ends, because a request sent at the moment in which
    /// the server closes is lost, and only a request without body may be repeated.
    /// </summary>
    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(1);

    /// <summary>A permit is held while connecting, so a dead host must not take long to be found out.</summary>
    private static readonly TimeSpan Connect = TimeSpan.FromSeconds(5);

    /// <summary>Sets a handler up; YARP has already switched off proxies, redirects, cookies and decompression.</summary>
    public static void Configure(SocketsHttpHandler handler)
    {
        handler.PooledConnectionIdleTimeout = Idle;
        handler.ConnectTimeout = Connect;
        handler.UseAdmissionFence();
    }
}
