namespace Admission.Bench.Proxies.Peers;

/// <summary>nginx with a worker for each core. It has no queue: that is in the commercial one only.</summary>
internal static class Nginx
{
    public const string Setup = "nginx: a worker for each core, `keepalive 256` to the backend, no access log, `reuseport`; with a limit `limit_conn` on one key for all requests";

    /// <summary>Forwards; with a limit, what is beyond it gets 503.</summary>
    /// <param name="name">The peer's name.</param>
    /// <param name="limit">The limit; null for none.</param>
    /// <param name="workers">Workers; 0 for one for each core.</param>
    public static Peer Forwarding(string name, int? limit = null, int workers = 0)
    {
        var (zone, rule) = limit is { } most ? ("limit_conn_zone $server_name zone=all:64k; limit_conn_status 503;", $"limit_conn all {most};") : ("", "");
        return new(name, backend => StartAsync(
            $$"""
            upstream backend { server 127.0.0.1:{{backend.Port}}; keepalive 256; keepalive_requests 10000000; }
            {{zone}}
            """,
            $"{rule} proxy_pass http://backend; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_read_timeout 10m;",
            workers));
    }

    /// <summary>Refuses everything.</summary>
    public static Peer Refusing(string name) => new(name, _ => StartAsync("", "return 503;"));

    private static Task<Front> StartAsync(string before, string location, int workers = 0) => ConfiguredServer.StartAsync(
        Programs.Need("nginx"),
        (port, folder) =>
            $$"""
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            worker_processes {{(workers == 0 ? "auto" : $"{workers}")}};
            daemon off;
            pid {{folder}}/pid;
            error_log stderr crit;
            events { worker_connections {{OpenFiles.Most - 500}}; }
            http {
              access_log off;
              keepalive_requests 10000000;
              client_body_temp_path {{folder}}/1; proxy_temp_path {{folder}}/2; fastcgi_temp_path {{folder}}/3; uwsgi_temp_path {{folder}}/4; scgi_temp_path {{folder}}/5;
              {{before}}
              server {
                listen 127.0.0.1:{{port}} backlog=4096 reuseport;
                server_name all;
                location / { {{location}} }
              }
            }
            """,
        (folder, file) => ["-p", folder, "-c", file, "-e", "stderr"]);
}
