namespace Admission.Bench.Proxies.Peers;

/// <summary>Something that can stand in front of a backend.</summary>
/// <param name="Name">Its name in the tables.</param>
/// <param name="StartAsync">Starts it in front of a backend, and waits until it listens.</param>
internal sealed record Peer(string Name, Func<Server, Task<Front>> StartAsync)
{
    /// <summary>No proxy: the load goes to the backend.</summary>
    public static Peer Direct { get; } = new("no proxy", backend => Task.FromResult(new Front([backend.Port], [backend.Id], [])));

    /// <summary>So many of one kind side by side, which know nothing of each other.</summary>
    public static Peer SideBySide(int count, string name, Peer each) => new(name, async backend =>
    {
        var fronts = new List<Front>();
        try
        {
            while (fronts.Count < count)
            {
                fronts.Add(await each.StartAsync(backend));
            }
        }
        catch
        {
            await new Front([], [], fronts).DisposeAsync();
            throw;
        }

        return new([.. fronts.SelectMany(front => front.Ports)], [.. fronts.SelectMany(front => front.Processes)], fronts);
    });
}
