using System.Globalization;

namespace Admission.Bench.Proxies.Peers;

/// <summary>HAProxy with a thread for each core.</summary>
internal static class HAProxy
{
    public const string Setup = "HAProxy: a thread for each core, `http-reuse always`, no log, `no strict-limits` (so that it starts where fewer files may be open than its `maxconn` takes); with a limit `maxconn`, a 503 by rule where the queue is full (`maxqueue` does not bound the backend's own queue), "
        + "`timeout queue`, and `abortonclose`, so that who has left the queue is not served";

    /// <summary>Forwards; with a bound, what is beyond it waits or gets 503.</summary>
    /// <param name="name">The peer's name.</param>
    /// <param name="bound">The bound; null for none.</param>
    /// <param name="aborts">With a bound, whether a request ends when its client leaves, in the queue and in the backend; else it goes on, in both.</param>
    public static Peer Forwarding(string name, Bound? bound = null, bool aborts = true) => new(name, backend => StartAsync(
        bound is null ? "" : string.Create(CultureInfo.InvariantCulture, $"{(aborts ? "option abortonclose" : "")}\n  timeout queue {bound.LongestWait.TotalMilliseconds:0}ms"),
        bound is null ? "" : $"http-request deny deny_status 503 if {{ queue(one) ge {bound.Queue} }}",
        $"server one 127.0.0.1:{backend.Port} {(bound is null ? "" : $"maxconn {bound.Limit}")}"));

    /// <summary>Refuses everything.</summary>
    public static Peer Refusing(string name) => new(name, backend => StartAsync("", "http-request deny deny_status 503", $"server one 127.0.0.1:{backend.Port}"));

    private static Task<Front> StartAsync(string defaults, string rule, string server) => ConfiguredServer.StartAsync(
        Programs.Need("haproxy"),
        (port, _) =>
            $"""
            global
              maxconn {OpenFiles.Most - 500}
              no strict-limits
            defaults
              mode http
              http-reuse always
              timeout connect 5s
              timeout client 10m
              timeout server 10m
              {defaults}
            frontend all
              bind 127.0.0.1:{port} backlog 4096
              {rule}
              default_backend one
            backend one
              {server}

            """,
        (_, file) => ["-f", file, "-db"]);
}
