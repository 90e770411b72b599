using Admission.Bench.Proxies.Peers;

namespace Admission.Bench.Proxies;

/// <summary>A backend and what stands in front of it.</summary>
internal sealed class Stand : IAsyncDisposable
{
    /// <summary>The load of hundreds of clients shares one pool: it must not begin with a thread for each of two cores.</summary>
    private const int PoolThreads = 16;

    private readonly Server _backend;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };

    private Stand(Server backend, Front front) => (_backend, Front) = (backend, front);

    public Front Front { get; }

    public Server Backend => _backend;

    public static async Task<Stand> StartAsync(Peer peer, int workers)
    {
        ThreadPool.SetMinThreads(PoolThreads, PoolThreads);
        var backend = await Server.DotnetAsync(Repository.Built("bench/FastBackend", "FastBackend"), "--workers", $"{workers}");
        try
        {
            return new(backend, await peer.StartAsync(backend));
        }
        catch
        {
            await backend.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether the backend is idle, or becomes it within a second.</summary>
    public async Task<bool> IsQuietAsync()
    {
        for (var attempt = 0; attempt < 20; attempt++)
        {
            if (await AskAsync("/inside") == 0)
            {
                return true;
            }

            await Task.Delay(50);
        }

        return false;
    }

    /// <summary>One of the backend's figures.</summary>
    public async Task<long> AskAsync(string path) => long.Parse(await _http.GetStringAsync(new Uri(_backend.Address, path)), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>What a gateway says of its backend.</summary>
    public async Task<string> DescribeAsync(int gateway = 0) =>
        await _http.GetStringAsync(new Uri($"http://127.0.0.1:{Front.Ports[gateway]}/admission/v1/backends/backend"));

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Front.DisposeAsync();
        await _backend.DisposeAsync();
    }
}
