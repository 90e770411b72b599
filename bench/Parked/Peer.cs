using Admission.Bench;
using Admission.Testing;

namespace Admission.Parked;

/// <summary>Something that lets requests wait in front of a backend.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Where">Where a request waits there.</param>
/// <param name="StartAsync">Starts it before a backend; files go into the folder.</param>
internal sealed record Peer(string Name, string Where, Func<Server, TemporaryFolder, Task<Server>> StartAsync)
{
    /// <summary>Requests at the backend at once, for those that have a limit.</summary>
    public const int Limit = 64;

    private const int Room = 100_000;
    private const int NginxWorkers = 4;
    private static readonly int Open = OpenFiles.Most;

    public static readonly IReadOnlyList<Peer> All =
    [
        new("Admission", "in the gateway's queue", (backend, folder) => Server.DotnetAsync(
            Repository.Gateway, "--to", $"{backend.Address}", "--limit", $"{Limit}", "--queue", $"{Room}", "--max-wait", "10m", "--run-timeout", "10m", "--data", folder["state"])),
        new("ASP.NET's limiter", "in the queue of its `ConcurrencyLimiter`, before YARP", (backend, _) => Server.DotnetAsync(
            Repository.Built("bench/PlainYarp", "PlainYarp"), "--to", $"{backend.Address}", "--limit", $"{Limit}", "--queue", $"{Room}")),
        new("HAProxy", "in the server's queue (`maxconn`)", StartHAProxyAsync),
        new("nginx", "at the backend, which does not answer: nginx has no queue", StartNginxAsync),
    ];

    private static Task<Server> StartHAProxyAsync(Server backend, TemporaryFolder folder)
    {
        var port = FreePort.Take();
        var file = Write(folder["haproxy.cfg"],
            $"""
            global
              nbthread 2
              maxconn {Open - 500}
              no strict-limits
            defaults
              mode http
              http-reuse always
              timeout connect 10s
              timeout queue 10m
              timeout client 10m
              timeout server 10m
            frontend all
              bind 127.0.0.1:{port} backlog 4096
              default_backend one
            backend one
              server one 127.0.0.1:{backend.Port} maxconn {Limit}

            """);
        return Server.StartAsync(Programs.Need("haproxy"), ["-f", file, "-db"], port);
    }

    private static Task<Server> StartNginxAsync(Server backend, TemporaryFolder folder)
    {
        var port = FreePort.Take();
        var file = Write(folder["nginx.conf"],
            $$"""
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            worker_processes {{NginxWorkers}};
            daemon off;
            pid {{folder["pid"]}};
            error_log stderr crit;
            events { worker_connections {{Open - 500}}; }
            http {
              access_log off;
              client_body_temp_path {{folder["1"]}}; proxy_temp_path {{folder["2"]}}; fastcgi_temp_path {{folder["3"]}}; uwsgi_temp_path {{folder["4"]}}; scgi_temp_path {{folder["5"]}};
              upstream backend { server 127.0.0.1:{{backend.Port}}; keepalive 256; }
              server {
                listen 127.0.0.1:{{port}} backlog=4096 reuseport;
                location / { proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_read_timeout 10m; }
              }
            }
            """);
        return Server.StartAsync(Programs.Need("nginx"), ["-p", folder.Path, "-c", file, "-e", "stderr"], port);
    }

    private static string Write(string file, string text)
    {
        File.WriteAllText(file, text);
        return file;
    }
}
