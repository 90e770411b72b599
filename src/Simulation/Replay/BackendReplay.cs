namespace Admission.Simulator;

/// <summary>
/// Replays arrivals against one backend's policy in virtual time: one <see cref="CapacityLedger"/>, a <see cref="PermitPool"/> for each frontend, messages that take
/// their time, and a backend that works on each request as long as the request says, or as a <see cref="ServerModel"/> does. No faults: what a policy does to a load is what shows.
/// </summary>
/// <remarks>
/// Ledger and pools are those of the product. Chance decides which frontend a request goes to and how long a message takes, from two streams, so that two policies meet
/// the same arrivals at the same frontends. Nothing else is drawn, so one seed gives one result.
/// </remarks>
public sealed class BackendReplay
{
    private readonly Timeline _timeline = new();
    private readonly SimRandom _network;
    private readonly ReplayFrontend[] _frontends;
    private readonly ReplayLedger _ledger;
    private readonly Balancer _balancer;
    private readonly ReplayServer? _server;
    private ReplayStatistics _statistics;
    private bool _counts;
    private long _open;
    private long _messages;
    private long _serverEnds;
    private long _serverDue = long.MaxValue;
    private MessageCounts _before = new(0, 0, 0, TimeSpan.Zero);

    private BackendReplay(ReplayOptions options)
    {
        Options = options;
        Clock = new ProcessClock(_timeline, 0, 1);
        _balancer = new Balancer(options);
        _network = new SimRandom(options.Seed ^ 0x5DEECE66DUL);
        _server = options.Server?.Create();
        _statistics = new ReplayStatistics(options.Policy.Adaptive is { } adaptive ? adaptive.Initial ?? adaptive.Min : options.Policy.TotalLimit);
        _frontends = new ReplayFrontend[options.Frontends];
        for (var i = 0; i < _frontends.Length; i++)
        {
            _frontends[i] = new ReplayFrontend(this, i);
        }

        _ledger = new ReplayLedger(this, _frontends);
    }

    internal ReplayOptions Options { get; }

    internal ProcessClock Clock { get; }

    internal EventQueue<ReplayEvent> Events { get; } = new();

    internal long Now => _timeline.Now;

    /// <summary>Replays to the end of the last request.</summary>
    /// <param name="options">The policy and how.</param>
    /// <param name="arrivals">The arrivals in order; read as they are needed.</param>
    /// <param name="cancellation">Ends it early, by an exception.</param>
    public static ReplayResult Run(ReplayOptions options, IEnumerable<OfferedRequest> arrivals, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(arrivals);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Frontends, 1, nameof(options));
        return new BackendReplay(options).Run(arrivals, cancellation);
    }

    /// <summary>Takes the answer to a request.</summary>
    internal void Decide(ReplayRequest request, in PoolResult result)
    {
        var waited = Now - request.Offered.At.Ticks;
        if (result.Answer == PoolAnswer.Refused)
        {
            request.State = RequestState.Ended;
            _open--;
            _statistics.Refused(request.Offered, Now, result.Refusal!.Reason);
            return;
        }

        request.State = RequestState.Running;
        request.Permit = result.Permit;
        request.BeganAt = Now;
        _statistics.Admitted(request.Offered, Now, waited);
        if (_server is not null)
        {
            Events.Add(Now + Options.Policy.RunTimeout.Ticks, ReplayEvent.RunTimesOut, request.Frontend, 0, request);
            _server.Enter(Now, request, request.Offered.Service.Ticks);
            ScheduleServer();
            return;
        }

        request.TimesOut = request.Offered.Service > Options.Policy.RunTimeout;
        var work = request.TimesOut ? Options.Policy.RunTimeout : request.Offered.Service;
        Events.Add(Now + work.Ticks, ReplayEvent.WorkEnds, request.Frontend, 0, request);
    }

    /// <summary>Sends a message; it arrives later.</summary>
    internal void Send(ReplayEvent arrives, int frontend, object message)
    {
        _messages++;
        var delay = (long)(Options.Delay.Ticks * _network.Between(0.5, 1.5));
        Events.Add(Now + delay, arrives, frontend, 0, message);
    }

    /// <summary>Hears what the ledger's limit is.</summary>
    internal void LimitIs(int? limit)
    {
        if (limit is { } known)
        {
            _statistics.LimitIs(Now, known);
        }
    }

    private ReplayResult Run(IEnumerable<OfferedRequest> arrivals, CancellationToken cancellation)
    {
        using var offered = arrivals.GetEnumerator();
        var more = Offer(offered);
        var end = Options.EndAt?.Ticks ?? long.MaxValue;
        for (var steps = 0L; more || _open > 0; steps++)
        {
            if (steps % 65_536 == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            var next = Events.Take();
            if (!_counts && next.At >= Options.CountFrom.Ticks)
            {
                BeginToCount();
            }

            if (next.At >= end)
            {
                _timeline.Now = end;
                break;
            }

            _timeline.Now = next.At;
            if (next.Kind == ReplayEvent.Arrival)
            {
                var request = (ReplayRequest)next.Item!;
                more = Offer(offered);
                Arrive(request);
            }
            else
            {
                Handle(next);
            }
        }

        var messages = new MessageCounts(
            _ledger.Reports - _before.Exchanges, _ledger.Pushes - _before.Pushes, _messages - _before.Messages, _ledger.Spent - _before.LedgerTime);
        return _statistics.Result(Now, _frontends.Length, messages) with { FindsLimit = Options.Policy.Adaptive is not null };
    }

    private void BeginToCount()
    {
        _counts = true;
        _timeline.Now = Options.CountFrom.Ticks;
        _statistics = _statistics.Successor(Now);
        _before = new MessageCounts(_ledger.Reports, _ledger.Pushes, _messages, _ledger.Spent);
    }

    private bool Offer(IEnumerator<OfferedRequest> offered)
    {
        if (!offered.MoveNext())
        {
            return false;
        }

        var request = offered.Current;
        var frontend = _balancer.Next();
        Events.Add(Math.Max(Now, request.At.Ticks), ReplayEvent.Arrival, frontend, 0, new ReplayRequest(request, frontend));
        return true;
    }

    private void Arrive(ReplayRequest request)
    {
        _open++;
        _statistics.Arrived(request.Offered, Now);
        _frontends[request.Frontend].Arrive(request);
        if (request.State != RequestState.Ended && request.Offered.Patience is { } patience)
        {
            Events.Add(Now + patience.Ticks, ReplayEvent.ClientLeaves, request.Frontend, 0, request);
        }
    }

    private void Handle(in Event<ReplayEvent> next)
    {
        switch (next.Kind)
        {
            case ReplayEvent.ClientLeaves:
                ClientLeaves((ReplayRequest)next.Item!);
                break;
            case ReplayEvent.WorkEnds:
                WorkEnds((ReplayRequest)next.Item!);
                break;
            case ReplayEvent.ServerEnds:
                ServerEnds(next.Number);
                break;
            case ReplayEvent.RunTimesOut:
                RunTimesOut((ReplayRequest)next.Item!);
                break;
            case ReplayEvent.FrontendTick:
                _frontends[next.Target].Tick(next.Number);
                break;
            case ReplayEvent.ExchangeAgain:
                _frontends[next.Target].ExchangeAgain();
                break;
            case ReplayEvent.ReportArrives:
                _ledger.ReportArrives(next.Target, (HolderReport)next.Item!);
                break;
            case ReplayEvent.ReplyArrives:
                _frontends[next.Target].ReplyArrives((LedgerMessage)next.Item!);
                break;
            case ReplayEvent.PushArrives:
                _frontends[next.Target].PushArrives((LedgerMessage)next.Item!);
                break;
            case ReplayEvent.LedgerTick:
                _ledger.Tick(next.Number);
                break;
            default:
                throw new InvalidOperationException($"There is no event {next.Kind}.");
        }
    }

    private void ClientLeaves(ReplayRequest request)
    {
        if (request.State == RequestState.Waiting)
        {
            request.State = RequestState.Ended;
            _open--;
            _statistics.Left(request.Offered, Now);
            _frontends[request.Frontend].GiveUp(request);
        }
        else if (request.State == RequestState.Running)
        {
            request.State = RequestState.RunningForNobody;
            _frontends[request.Frontend].ClientLeft(request);
            if (Options.Policy.StopsWhenAbandoned)
            {
                WorkEnds(request);
            }
        }
    }

    /// <summary>The next end in the server is an event; one that was scheduled before the server changed is void.</summary>
    private void ScheduleServer()
    {
        var next = _server!.NextEnd(Now);
        if (next != _serverDue)
        {
            _serverDue = next;
            _serverEnds++;
            if (next < long.MaxValue)
            {
                Events.Add(next, ReplayEvent.ServerEnds, 0, _serverEnds);
            }
        }
    }

    private void ServerEnds(long number)
    {
        if (number == _serverEnds)
        {
            _serverDue = long.MaxValue;
            WorkEnds(_server!.Ending);
        }
    }

    private void RunTimesOut(ReplayRequest request)
    {
        if (request.State != RequestState.Ended)
        {
            request.TimesOut = true;
            WorkEnds(request);
        }
    }

    private void WorkEnds(ReplayRequest request)
    {
        if (request.State == RequestState.Ended)
        {
            return;
        }

        var abandoned = request.State == RequestState.RunningForNobody;
        request.State = RequestState.Ended;
        _open--;
        if (_server is not null)
        {
            _server.Leave(Now, request);
            ScheduleServer();
        }

        _statistics.Ended(request.Offered, Now, Now - request.BeganAt, abandoned, request.TimesOut);
        var outcome = request.TimesOut ? RunOutcome.TimedOut : abandoned && Options.Policy.StopsWhenAbandoned ? RunOutcome.Unknown : RunOutcome.Served;
        _frontends[request.Frontend].Release(request, outcome);
    }
}
