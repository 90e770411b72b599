namespace Admission.Simulator;

/// <summary>A holder in a replay: one pool, its exchange and its timer.</summary>
internal sealed class ReplayFrontend
{
    /// <summary>A timer fires no sooner than this.</summary>
    private const long LeastTick = Timeline.Millisecond / 2;

    /// <summary>The pause before an exchange that the ledger could not answer is tried again.</summary>
    private const long Pause = 50 * Timeline.Millisecond;

    private readonly BackendReplay _replay;
    private readonly int _index;
    private bool _inFlight;
    private bool _pausing;
    private long _nextTick = long.MaxValue;

    public ReplayFrontend(BackendReplay replay, int index)
    {
        _replay = replay;
        _index = index;
        Id = $"frontend-{index + 1}";
        Pool = new PermitPool(Id, 1, replay.Options.Policy, replay.Clock);
    }

    public string Id { get; }

    public PermitPool Pool { get; }

    public void Arrive(ReplayRequest request)
    {
        var asked = new AdmissionRequest
        {
            Weight = request.Offered.Weight,
            Priority = request.Offered.Priority,
            Tenant = request.Offered.Tenant,
            MaxWait = request.Offered.Deadline,
        };

        // As the client does: without a waiter first.
        PoolEffects effects = default;
        var result = Pool.TryAcquire(asked, out var atOnce) ? atOnce : Pool.Acquire(asked, request, out effects);
        if (result.Answer != PoolAnswer.Waiting)
        {
            _replay.Decide(request, result);
        }

        Follow(effects);
    }

    public void GiveUp(ReplayRequest request) => Follow(Pool.GiveUp(request));

    /// <summary>The client of a running request has left; the work may go on.</summary>
    public void ClientLeft(ReplayRequest request) => Pool.ClientLeft(request.Permit);

    public void Release(ReplayRequest request, RunOutcome outcome)
    {
        if (outcome == RunOutcome.TimedOut)
        {
            Pool.RunTimedOut(request.Permit);
        }

        Follow(Pool.Release(request.Permit, outcome));
    }

    public void Tick(long number)
    {
        if (number == _nextTick)
        {
            _nextTick = long.MaxValue;
            Follow(Pool.Tick());
        }
    }

    public void ExchangeAgain()
    {
        _pausing = false;
        BeginExchange();
        SetTimer();
    }

    public void ReplyArrives(LedgerMessage reply)
    {
        _inFlight = false;
        if (reply.Status is not (LedgerStatus.Granting or LedgerStatus.Recovering or LedgerStatus.NewEpoch or LedgerStatus.LifeOver))
        {
            _pausing = true;
            _replay.Events.Add(_replay.Now + Pause, ReplayEvent.ExchangeAgain, _index);
        }

        Follow(Pool.EndExchange(reply));
    }

    public void PushArrives(LedgerMessage push) => Follow(Pool.Receive(push));

    private void Follow(in PoolEffects effects)
    {
        foreach (var (request, result) in effects.Decided ?? [])
        {
            _replay.Decide((ReplayRequest)request, result);
        }

        if (effects.WantsExchange)
        {
            BeginExchange();
        }

        SetTimer();
    }

    private void BeginExchange()
    {
        if (!_inFlight && !_pausing && Pool.BeginExchange() is { } report)
        {
            _inFlight = true;
            _replay.Send(ReplayEvent.ReportArrives, _index, report);
        }
    }

    private void SetTimer()
    {
        var next = Pool.NextTick;
        if (next == TimeSpan.MaxValue)
        {
            return;
        }

        var due = _replay.Now + Math.Max(next.Ticks + 1, LeastTick);
        if (due < _nextTick || _nextTick <= _replay.Now)
        {
            _nextTick = due;
            _replay.Events.Add(due, ReplayEvent.FrontendTick, _index, due);
        }
    }
}
