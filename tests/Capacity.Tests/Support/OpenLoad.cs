namespace Admission.Capacity.Tests;

/// <summary>
/// Clients that come at random whatever becomes of the others (open loop), to a backend behind several pools, in virtual time. A client that leaves gives its ticket up
/// if it waits; if it is in the backend, the work goes on to its end and is for nothing.
/// </summary>
internal sealed class OpenLoad
{
    private readonly MiniCluster _cluster;
    private readonly int _pools;
    private readonly PriorityQueue<Event, (long At, long Order)> _events = new();
    private readonly List<Second> _seconds = [];
    private ulong _random;
    private long _order;
    private long _now;

    public OpenLoad(BackendPolicy policy, int pools = 3, ulong seed = 1)
    {
        _cluster = new MiniCluster(policy);
        _pools = pools;
        _random = seed;
    }

    /// <summary>Arrivals per second, by time.</summary>
    public required Func<double, double> Rate { get; init; }

    /// <summary>How long the backend works on a request; given a random number from 0 to below 1.</summary>
    public required Func<double, TimeSpan> Service { get; init; }

    /// <summary>How long a client stays, by time and a random number; null for ever.</summary>
    public required Func<double, double, TimeSpan?> Patience { get; init; }

    /// <summary>Whose request it is, by the random number that its patience was drawn with; null for nobody's.</summary>
    public Func<double, string?>? Tenant { get; init; }

    public static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    /// <summary>Runs for so many seconds, and says what became of the requests in each.</summary>
    public IReadOnlyList<Second> Run(int seconds)
    {
        Add(TimeSpan.Zero, new Event(EventKind.Arrival, null));
        while (_events.TryDequeue(out var next, out var due) && due.At < seconds * TimeSpan.TicksPerSecond)
        {
            _cluster.Time.Advance(TimeSpan.FromTicks(due.At - _now));
            _now = due.At;
            _cluster.Settle();
            switch (next.Kind)
            {
                case EventKind.Arrival:
                    Arrive();
                    break;
                case EventKind.Leaves:
                    Leave(next.Client!);
                    break;
                default:
                    End(next.Client!);
                    break;
            }
        }

        return _seconds;
    }

    /// <summary>What became of the requests between two seconds, per second.</summary>
    public Second Between(int first, int end)
    {
        var sum = new Second();
        foreach (var second in _seconds.Take(first..end))
        {
            sum.InTime += second.InTime;
            sum.ForNothing += second.ForNothing;
            sum.Refused += second.Refused;
            sum.TooLate += second.TooLate;
            sum.LeftWaiting += second.LeftWaiting;
            sum.PatientRefused += second.PatientRefused;
            sum.HastyInTime += second.HastyInTime;
        }

        sum.Seconds = end - first;
        return sum;
    }

    /// <summary>The ledger's longest wait that is worth while; null for any.</summary>
    public TimeSpan? LongestWait => _cluster.Ledger.LongestWait;

    public BackendDescription Describe() => _cluster.Ledger.Describe();

    /// <summary>Tickets that wait at the ledger.</summary>
    public int Queued => _cluster.Ledger.Describe().Occupancy.Queued;

    private Second Now
    {
        get
        {
            while (_seconds.Count <= _now / TimeSpan.TicksPerSecond)
            {
                _seconds.Add(new Second());
            }

            return _seconds[^1];
        }
    }

    private double Elapsed => (double)_now / TimeSpan.TicksPerSecond;

    private void Arrive()
    {
        var rate = Rate(Elapsed);
        Add(TimeSpan.FromSeconds(-Math.Log(1 - Random()) / rate), new Event(EventKind.Arrival, null));
        var client = new Client(this, $"h{(int)(Random() * _pools)}");
        var drawn = Random();
        if (Patience(Elapsed, drawn) is { } patience)
        {
            client.IsHasty = true;
            Add(patience, new Event(EventKind.Leaves, client));
        }

        if (_cluster.Pool(client.Pool).Acquire(new AdmissionRequest { Tenant = Tenant?.Invoke(drawn) }, client, out var effects) is { Answer: not PoolAnswer.Waiting } atOnce)
        {
            client.Decided(atOnce);
        }

        effects.Decided.ShouldBeNull();
        _cluster.Settle();
    }

    private void Decide(Client client, in PoolResult result)
    {
        if (result.Answer == PoolAnswer.Refused)
        {
            client.IsOver = true;
            Now.Refused++;
            Now.TooLate += result.Refusal!.Reason == RefusalReason.TooLate ? 1 : 0;
            Now.PatientRefused += client.IsHasty ? 0 : 1;
            return;
        }

        client.Permit = result.Permit;
        Add(Service(Random()), new Event(EventKind.Ends, client));
    }

    private void Leave(Client client)
    {
        if (client.IsOver)
        {
            return;
        }

        client.IsOver = true;
        if (client.Permit is { } permit)
        {
            Now.ForNothing++;
            _cluster.Pool(client.Pool).ClientLeft(permit);
        }
        else
        {
            Now.LeftWaiting++;
            _cluster.Pool(client.Pool).GiveUp(client);
        }
    }

    private void End(Client client)
    {
        Now.InTime += client.IsOver ? 0 : 1;
        Now.HastyInTime += client is { IsOver: false, IsHasty: true } ? 1 : 0;
        client.IsOver = true;
        _cluster.Pool(client.Pool).Release(client.Permit!.Value);
        _cluster.Settle();
    }

    private void Add(TimeSpan after, Event added) => _events.Enqueue(added, (_now + after.Ticks, ++_order));

    /// <summary>SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the same on every machine.</summary>
    private double Random()
    {
        var z = _random += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return ((z ^ (z >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    private enum EventKind
    {
        Arrival,
        Leaves,
        Ends,
    }

    /// <summary>Counts over a time.</summary>
    internal sealed class Second
    {
        public double Seconds { get; set; } = 1;

        public int InTime { get; set; }

        public int ForNothing { get; set; }

        public int Refused { get; set; }

        public int TooLate { get; set; }

        public int LeftWaiting { get; set; }

        /// <summary>Refused of those that would have stayed for ever.</summary>
        public int PatientRefused { get; set; }

        /// <summary>In time of those that would not.</summary>
        public int HastyInTime { get; set; }

        public double InTimeRate => InTime / Seconds;

        /// <summary>The share of the backend's work that was for clients that had left.</summary>
        public double Waste => (double)ForNothing / Math.Max(1, InTime + ForNothing);

        public override string ToString() => FormattableString.Invariant(
            $"{InTimeRate:F1}/s in time, {Waste:P1} for nothing, {Refused / Seconds:F1}/s refused ({TooLate / Seconds:F1}/s too late), {LeftWaiting / Seconds:F1}/s left waiting");
    }

    private sealed record Event(EventKind Kind, Client? Client);

    private sealed class Client(OpenLoad load, string pool) : WaitingRequest
    {
        public new string Pool { get; } = pool;

        public Permit? Permit { get; set; }

        public bool IsOver { get; set; }

        public bool IsHasty { get; set; }

        public override void Decided(in PoolResult result) => load.Decide(this, result);
    }
}
