using System.Diagnostics;
using System.Net;
using System.Text.Json;

namespace Admission.Leases.Bench;

/// <summary>A gateway that programs take leases of, over HTTP.</summary>
internal sealed class LeasingGateway : IAsyncDisposable
{
    private const string Leases = "/admission/v1/backends/backend/leases";

    private readonly List<IAsyncDisposable> _parts = [];
    private readonly TemporaryFolder _data = new();
    private HttpClient _http = null!;

    /// <summary>Starts one.</summary>
    /// <param name="database">The cluster's database, for a gateway and a silo of processes of their own; null for a gateway alone, with its record in a file.</param>
    public static async Task<LeasingGateway> StartAsync(PostgresServer? database)
    {
        var stand = new LeasingGateway();
        try
        {
            string[] cluster = [];
            if (database is not null)
            {
                cluster = ["--cluster", database.ConnectionString()];
                await stand.AddAsync(Server.DotnetAsync(Repository.Silo, [.. cluster, "--silo-port", $"{FreePort.Take()}", "--gateway-port", $"{FreePort.Take()}"]));
            }

            var gateway = await stand.AddAsync(Server.DotnetAsync(Repository.Gateway, ["--to", "http://127.0.0.1:9", "--limit", "1000", "--data", stand._data.Path, .. cluster]));
            stand._http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = gateway.Address, Timeout = TimeSpan.FromSeconds(30) };
            await Until.TrueAsync(
                async () =>
                {
                    using var answer = await stand._http.GetAsync(new Uri("/health/ready", UriKind.Relative));
                    return answer.IsSuccessStatusCode;
                },
                TimeSpan.FromSeconds(60),
                () => $"The gateway is never ready:\n{gateway.Output}");
            _ = await stand.TakeAsync(programs: 8, TimeSpan.FromSeconds(1));
            return stand;
        }
        catch
        {
            await stand.DisposeAsync();
            throw;
        }
    }

    /// <summary>Programs take a lease and give it back, again and again; the time is that of taking.</summary>
    public Task<Leased> TakeAsync(int programs, TimeSpan lasts) => MeasureAsync(programs, lasts, async () =>
    {
        var asked = Stopwatch.GetTimestamp();
        var lease = await TakeAsync();
        var took = Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
        using var released = await _http.DeleteAsync(lease);
        Expect(released, HttpStatusCode.NoContent);
        return took;
    });

    /// <summary>Programs renew their leases, again and again.</summary>
    public async Task<Leased> RenewAsync(int programs, TimeSpan lasts)
    {
        var leases = new Stack<Uri>();
        while (leases.Count < programs)
        {
            leases.Push(await TakeAsync());
        }

        var all = leases.ToArray();
        var measured = await MeasureAsync(programs, lasts, async () =>
        {
            Uri lease;
            lock (leases)
            {
                lease = leases.Pop();
            }

            var asked = Stopwatch.GetTimestamp();
            using var renewed = await _http.PutAsync(lease, null);
            Expect(renewed, HttpStatusCode.OK);
            lock (leases)
            {
                leases.Push(lease);
            }

            return Stopwatch.GetElapsedTime(asked).TotalMilliseconds;
        });
        foreach (var lease in all)
        {
            using var released = await _http.DeleteAsync(lease);
        }

        return measured;
    }

    public async ValueTask DisposeAsync()
    {
        _http?.Dispose();
        foreach (var part in Enumerable.Reverse(_parts))
        {
            await part.DisposeAsync();
        }

        _data.Dispose();
    }

    private static async Task<Leased> MeasureAsync(int programs, TimeSpan lasts, Func<Task<double>> act)
    {
        var begun = Stopwatch.GetTimestamp();
        var times = await Task.WhenAll(Enumerable.Range(0, programs).Select(_ => Task.Run(async () =>
        {
            var own = new List<double>();
            while (Stopwatch.GetElapsedTime(begun) < lasts)
            {
                own.Add(await act());
            }

            return own;
        })));
        var took = Stopwatch.GetElapsedTime(begun).TotalSeconds;
        var sorted = times.SelectMany(own => own).Order().ToList();
        return new(sorted.Count / took, sorted[sorted.Count / 2], sorted[sorted.Count * 99 / 100]);
    }

    private static void Expect(HttpResponseMessage answer, HttpStatusCode status)
    {
        if (answer.StatusCode != status)
        {
            throw new InvalidOperationException($"{answer.RequestMessage!.Method} {answer.RequestMessage.RequestUri} was answered {(int)answer.StatusCode}.");
        }
    }

    private async Task<Uri> TakeAsync()
    {
        using var taken = await _http.PostAsync(new Uri(Leases, UriKind.Relative), null);
        Expect(taken, HttpStatusCode.Created);
        using var lease = JsonDocument.Parse(await taken.Content.ReadAsStringAsync());
        return new Uri($"{Leases}/{lease.RootElement.GetProperty("id").GetString()}", UriKind.Relative);
    }

    private async Task<Server> AddAsync(Task<Server> starting)
    {
        var server = await starting;
        _parts.Add(server);
        return server;
    }
}
