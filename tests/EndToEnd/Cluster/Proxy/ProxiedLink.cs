using Admission.EndToEnd.Cluster.Network;

namespace Admission.EndToEnd.Cluster.Proxy;

/// <summary>
/// All connections from one process to one address of another, as they go through a proxy of the tests', and what is done to them.
/// </summary>
internal sealed class ProxiedLink(string from, string to, int seed = 0) : ILink
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

    /// <inheritdoc/>
    public void Delay(TimeSpan delay, TimeSpan jitter)
    {
        lock (_lock)
        {
            (_delay, _jitter) = (delay, jitter);
        }
    }

    /// <inheritdoc/>
    public void Cut()
    {
        lock (_lock)
        {
            _cut = true;
        }

        ResetAll();
    }

    /// <inheritdoc/>
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

    /// <inheritdoc/>
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
