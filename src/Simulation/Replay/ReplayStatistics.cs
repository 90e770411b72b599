using System.Globalization;

namespace Admission.Simulator;

/// <summary>Counts what happens in a replay.</summary>
internal sealed class ReplayStatistics(int limit)
{
    private readonly Group _all = new("all");
    private readonly Dictionary<string, Group> _tenants = [];
    private readonly SortedDictionary<int, Group> _priorities = [];
    private readonly SortedDictionary<RefusalReason, long> _refusals = [];
    private readonly ReplaySeries _series = new();
    private int _limit = limit;
    private int _highestLimit = limit;
    private int _lowestLimit = limit;
    private int _inUse;
    private int _peak;
    private long _since;
    private long _began;
    private double _inUseTicks;
    private double _limitTicks;
    private double _wastedTicks;

    public void Arrived(in OfferedRequest request, long now)
    {
        Pass(now);
        var work = request.Weight * request.Service.TotalSeconds;
        foreach (var group in Groups(request))
        {
            group.Requests++;
            group.WorkAsked += work;
        }
    }

    public void Admitted(in OfferedRequest request, long now, long waited)
    {
        Pass(now);
        _inUse += request.Weight;
        _peak = Math.Max(_peak, _inUse);
        ref var bucket = ref _series.At(now);
        bucket.Admitted++;
        bucket.WaitTicks += waited;
        bucket.LongestWait = TimeSpan.FromTicks(Math.Max(bucket.LongestWait.Ticks, waited));
        foreach (var group in Groups(request))
        {
            group.Waits.Add(waited);
        }
    }

    public void Refused(in OfferedRequest request, long now, RefusalReason reason)
    {
        _series.At(now).Refused++;
        _refusals[reason] = _refusals.GetValueOrDefault(reason) + 1;
        foreach (var group in Groups(request))
        {
            group.Refused++;
        }
    }

    public void Left(in OfferedRequest request, long now)
    {
        _series.At(now).Left++;
        foreach (var group in Groups(request))
        {
            group.Left++;
        }
    }

    public void Ended(in OfferedRequest request, long now, long ran, bool abandoned, bool timedOut)
    {
        Pass(now);
        _inUse -= request.Weight;
        ref var bucket = ref _series.At(now);
        bucket.Ended++;
        bucket.RunTicks += ran;
        _wastedTicks += abandoned ? (double)ran * request.Weight : 0;
        var work = request.Weight * TimeSpan.FromTicks(ran).TotalSeconds;
        foreach (var group in Groups(request))
        {
            group.WorkDone += work;
            if (abandoned)
            {
                group.Abandoned++;
            }
            else if (timedOut)
            {
                group.TimedOut++;
            }
            else
            {
                group.Served++;
            }
        }
    }

    public void LimitIs(long now, int limit)
    {
        if (limit != _limit)
        {
            Pass(now);
            _limit = limit;
            _highestLimit = Math.Max(_highestLimit, limit);
            _lowestLimit = Math.Min(_lowestLimit, limit);
        }
    }

    /// <summary>Statistics that begin at an instant, with the permits that are in use then.</summary>
    public ReplayStatistics Successor(long now) => new(_limit) { _inUse = _inUse, _peak = _inUse, _since = now, _began = now };

    public ReplayResult Result(long now, int frontends, MessageCounts messages)
    {
        Pass(now);
        var tenants = _tenants.Values.OrderByDescending(group => group.Requests).ThenBy(group => group.Name, StringComparer.Ordinal).ToArray();
        return new ReplayResult
        {
            All = _all.Result(),
            Tenants = [.. tenants.Select(group => group.Result())],
            Priorities = [.. _priorities.Values.Select(group => group.Result())],
            Refusals = _refusals,
            Span = TimeSpan.FromTicks(now - _began),
            Utilisation = _limitTicks == 0 ? 0 : _inUseTicks / _limitTicks,
            Wasted = _inUseTicks == 0 ? 0 : _wastedTicks / _inUseTicks,
            PeakInUse = _peak,
            HighestLimit = _highestLimit,
            LowestLimit = _lowestLimit,
            MeanLimit = now == _began ? _limit : _limitTicks / (now - _began),
            Fairness = tenants.Length < 2 ? null : Fairness.Index([.. tenants.Select(group => group.WorkAsked)], [.. tenants.Select(group => group.WorkDone)]),
            Series = _series,
            Messages = messages,
            Frontends = frontends,
        };
    }

    /// <summary>The time since the last change belongs to what was in use then.</summary>
    private void Pass(long now)
    {
        if (now > _since)
        {
            _inUseTicks += (double)_inUse * (now - _since);
            _limitTicks += (double)_limit * (now - _since);
            _series.AddUse(_since, now, _inUse, _limit);
            _since = now;
        }
    }

    private Trio Groups(in OfferedRequest request)
    {
        var name = request.Tenant ?? "";
        if (!_tenants.TryGetValue(name, out var tenant))
        {
            _tenants.Add(name, tenant = new Group(name));
        }

        if (!_priorities.TryGetValue(request.Priority, out var priority))
        {
            _priorities.Add(request.Priority, priority = new Group(request.Priority.ToString(CultureInfo.InvariantCulture)));
        }

        return new Trio(_all, tenant, priority);
    }

    /// <summary>The groups that a request is in; enumerated without allocating.</summary>
    private ref struct Trio(Group all, Group tenant, Group priority)
    {
        private int _index;

        public readonly Group Current => _index switch { 1 => all, 2 => tenant, _ => priority };

        public readonly Trio GetEnumerator() => this;

        public bool MoveNext() => ++_index <= 3;
    }

    private sealed class Group(string name)
    {
        public string Name { get; } = name;

        public long Requests { get; set; }

        public long Served { get; set; }

        public long Refused { get; set; }

        public long Left { get; set; }

        public long Abandoned { get; set; }

        public long TimedOut { get; set; }

        public double WorkAsked { get; set; }

        public double WorkDone { get; set; }

        public List<long> Waits { get; } = [];

        public GroupResult Result() => new()
        {
            Name = Name,
            Requests = Requests,
            Served = Served,
            Refused = Refused,
            Left = Left,
            Abandoned = Abandoned,
            TimedOut = TimedOut,
            WorkAsked = WorkAsked,
            WorkDone = WorkDone,
            Waits = WaitSummary.Of(Waits),
        };
    }
}
