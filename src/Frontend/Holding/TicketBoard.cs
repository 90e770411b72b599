using Admission.Capacity;
using Admission.Client;

namespace Admission.Frontend.Holding;

/// <summary>Tells those who watch their tickets where they stand: one question to the ledger a second and backend, however many watch.</summary>
/// <remarks>
/// A question has at most <see cref="ICapacityGrain.MostPlaces"/> tickets; with more than that they take turns. <see cref="_gate"/> guards the lists. A round asks those that have answered the last question, so that a ledger which does not answer keeps nobody else waiting.
/// </remarks>
internal sealed partial class TicketBoard : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly AdmissionClient _client;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Watchers> _backends = new(StringComparer.OrdinalIgnoreCase);
    private readonly ITimer _timer;
    private bool _runs;
    private bool _disposed;

    public TicketBoard(AdmissionClient client, TimeProvider time, ILogger logger)
    {
        _client = client;
        _logger = logger;
        _timer = time.CreateTimer(static board => ((TicketBoard)board!).Ask(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>A ticket is watched from now on.</summary>
    public void Add(HeldConnection held)
    {
        lock (_gate)
        {
            if (!_backends.TryGetValue(held.Backend, out var watchers))
            {
                _backends[held.Backend] = watchers = new Watchers();
            }

            watchers.Add(held);
            if (!_runs && !_disposed)
            {
                _runs = true;
                _timer.Change(Pause, Timeout.InfiniteTimeSpan);
            }
        }
    }

    /// <summary>A ticket is watched no more.</summary>
    public void Remove(HeldConnection held)
    {
        lock (_gate)
        {
            if (_backends.TryGetValue(held.Backend, out var watchers) && watchers.Remove(held) && watchers.Count == 0)
            {
                _backends.Remove(held.Backend);
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _timer.Dispose();
    }

    private void Ask()
    {
        List<(string Backend, Watchers Watchers, List<HeldConnection> Asked)> round = [];
        lock (_gate)
        {
            foreach (var (backend, watchers) in _backends)
            {
                if (!watchers.IsAsking)
                {
                    watchers.IsAsking = true;
                    round.Add((backend, watchers, watchers.Next(ICapacityGrain.MostPlaces)));
                }
            }

            _runs = _backends.Count > 0 && !_disposed;
            if (_runs)
            {
                _timer.Change(Pause, Timeout.InfiniteTimeSpan);
            }
        }

        foreach (var (backend, watchers, asked) in round)
        {
            _ = AskAsync(backend, watchers, asked);
        }
    }

    private async Task AskAsync(string backend, Watchers watchers, List<HeldConnection> asked)
    {
        await AskAsync(backend, asked);
        lock (_gate)
        {
            watchers.IsAsking = false;
        }
    }

    private async Task AskAsync(string backend, List<HeldConnection> asked)
    {
        var tickets = new Dictionary<long, HeldConnection>(asked.Count);
        foreach (var held in asked)
        {
            if (held.Ticket is > 0 and var number)
            {
                tickets[number] = held;
            }
        }

        if (tickets.Count == 0)
        {
            return;
        }

        try
        {
            foreach (var place in await _client.PlacesAsync(backend, [.. tickets.Keys]))
            {
                if (tickets.TryGetValue(place.Ticket, out var held))
                {
                    held.Placed(place);
                }
            }
        }
        catch (Exception unreachable)
        {
            // The next round asks again; until then heartbeats go on, and the client knows its last place.
            LogUnreachable(unreachable, backend);
        }
    }

    [LoggerMessage(2177, LogLevel.Debug, "The ledger of backend '{Backend}' does not say where tickets stand.")]
    private partial void LogUnreachable(Exception exception, string backend);

    /// <summary>Those of one backend, who take turns: in a list in which the last takes the place of one that goes.</summary>
    private sealed class Watchers
    {
        private readonly List<HeldConnection> _all = [];
        private readonly Dictionary<HeldConnection, int> _places = [];
        private int _next;

        public int Count => _all.Count;

        /// <summary>The ledger has been asked and has not answered yet.</summary>
        public bool IsAsking { get; set; }

        public void Add(HeldConnection held)
        {
            if (_places.TryAdd(held, _all.Count))
            {
                _all.Add(held);
            }
        }

        public bool Remove(HeldConnection held)
        {
            if (!_places.Remove(held, out var place))
            {
                return false;
            }

            var last = _all[^1];
            _all.RemoveAt(_all.Count - 1);
            if (!ReferenceEquals(last, held))
            {
                _all[place] = last;
                _places[last] = place;
            }

            return true;
        }

        public List<HeldConnection> Next(int most)
        {
            var count = Math.Min(most, _all.Count);
            var next = new List<HeldConnection>(count);
            for (var i = 0; i < count; i++)
            {
                _next = (_next + 1) % _all.Count;
                next.Add(_all[_next]);
            }

            return next;
        }
    }
}
