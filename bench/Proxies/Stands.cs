using Admission.Bench.Proxies.Peers;

namespace Admission.Bench.Proxies;

/// <summary>A stand for each peer, started and warmed when it is first wanted, and kept while its backend becomes idle again.</summary>
/// <param name="workers">The workers of each backend.</param>
/// <param name="warmAsync">Warms a new one.</param>
internal sealed class Stands(int workers, Func<Peer, Stand, Task> warmAsync) : IAsyncDisposable
{
    private readonly Dictionary<Peer, Stand> _stands = [];

    public async Task<Stand> OfAsync(Peer peer)
    {
        if (_stands.TryGetValue(peer, out var old))
        {
            if (await old.IsQuietAsync())
            {
                return old;
            }

            // A backlog of minutes need not be worked off.
            _stands.Remove(peer);
            await old.DisposeAsync();
        }

        var stand = await Stand.StartAsync(peer, workers);
        _stands.Add(peer, stand);
        await warmAsync(peer, stand);
        _ = await stand.IsQuietAsync();
        return stand;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var stand in _stands.Values)
        {
            await stand.DisposeAsync();
        }
    }
}
