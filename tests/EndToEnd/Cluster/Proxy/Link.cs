namespace Admission.EndToEnd.Cluster.Proxy;

/// <summary>Which way of a link is meant: from the process that opened the connections, or to it.</summary>
[Flags]
internal enum Ways
{
    There = 1,
    Back = 2,
    Both = There | Back,
}

/// <summary>
/// All connections from one process to one address of another, as they go through a proxy of the tests', and what is done to them.
/// </summary>
internal sealed class Link(string from, string to, int seed = 0)
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);
    private readonly HashSet<ProxiedConnection> _connections = [];
    private bool _cut;
    private TimeSpan _delay;
    private TimeSpan _jitter;

    public string From => from;

    public string To => to;

    public Gate There { get; } = new();

    public Gate Back { get; } = new();

    /// <summary>What passes comes later by this, and up to the jitter more; in its order.</summary>
    public void Delay(TimeSpan delay, TimeSpan jitter)
    {
        lock (_lock)
        {
            (_delay, _jitter) = (delay, jitter);
        }
    }

    /// <summary>Every connection is reset, and every new one too, until it is healed.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _cut = true;
        }

        ResetAll();
    }

    /// <summary>Nothing arrives any more, not even that a connection has closed. What is sent is held, as far as it fits into the buffers.</summary>
    public void BlackHole(Ways ways)
    {
        if (ways.HasFlag(Ways.There))
        {
            There.Close();
        }

        if (ways.HasFlag(Ways.Back))
        {
            Back.Close();
        }
    }

    /// <summary>All is well again.</summary>
    /// <param name="deliver">Whether what was held arrives now; if not, its connections are reset.</param>
    public void Heal(bool deliver = true)
    {
        lock (_lock)
        {
            (_cut, _delay, _jitter) = (false, TimeSpan.Zero, TimeSpan.Zero);
        }

        if (!deliver)
        {
            ResetAll();
        }

        There.Open();
        Back.Open();
    }

    /// <summary>Whether a new connection may begin; if so it belongs to the link until it is left.</summary>
    public bool TryJoin(ProxiedConnection connection)
    {
        lock (_lock)
        {
            return !_cut && _connections.Add(connection);
        }
    }

    public void Leave(ProxiedConnection connection)
    {
        lock (_lock)
        {
            _connections.Remove(connection);
        }
    }

    /// <summary>How much later the next piece arrives.</summary>
    public TimeSpan NextDelay()
    {
        lock (_lock)
        {
            return _jitter == TimeSpan.Zero ? _delay : _delay + (_jitter * _random.NextDouble());
        }
    }

    public override string ToString() => $"{from} -> {to}";

    private void ResetAll()
    {
        ProxiedConnection[] all;
        lock (_lock)
        {
            all = [.. _connections];
        }

        foreach (var connection in all)
        {
            connection.Reset();
        }
    }
}
