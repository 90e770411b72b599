namespace Admission.Simulator;

/// <summary>The ledger in a replay, its timer, and what its calls cost. Storage answers at once.</summary>
internal sealed class ReplayLedger
{
    private const long LeastTick = Timeline.Millisecond;

    private readonly BackendReplay _replay;
    private readonly CapacityLedger _ledger;
    private readonly TimeProvider? _measuringTime;
    private readonly Dictionary<string, int> _frontends = [];
    private long _nextTick = long.MaxValue;

    public ReplayLedger(BackendReplay replay, IReadOnlyList<ReplayFrontend> frontends)
    {
        _replay = replay;
        _measuringTime = replay.Options.MeasuringTime;
        var options = new LedgerOptions { AuthorityTtl = TimeSpan.FromSeconds(45), MaxHolders = Math.Max(frontends.Count, new LedgerOptions().MaxHolders) };
        var state = new LedgerState { Policy = replay.Options.Policy, PolicyVersion = 1 }.NextEpoch(1, options.AuthorityTtl);
        _ledger = new CapacityLedger(state, replay.Clock.GetTimestamp(), replay.Clock, options);
        for (var i = 0; i < frontends.Count; i++)
        {
            _frontends.Add(frontends[i].Id, i);
        }
    }

    public long Reports { get; private set; }

    public long Pushes { get; private set; }

    /// <summary>What its calls have cost on the measuring clock.</summary>
    public TimeSpan Spent { get; private set; }

    public void ReportArrives(int frontend, HolderReport report)
    {
        Reports++;
        var began = Begin();
        var reply = _ledger.Receive(report);
        while (_ledger.StoreNeeded)
        {
            Store();
        }

        if (reply.Status is LedgerStatus.Registering or LedgerStatus.NoAuthority)
        {
            reply = _ledger.Receive(report);
        }

        End(began);
        _replay.Send(ReplayEvent.ReplyArrives, frontend, reply);
        _replay.LimitIs(reply.Sequence == 0 ? null : reply.Occupancy.Limit);
        Flush();
    }

    public void Tick(long number)
    {
        if (number == _nextTick)
        {
            _nextTick = long.MaxValue;
            var began = Begin();
            _ledger.Tick();
            End(began);
            Flush();
        }
    }

    private void Flush()
    {
        var began = Begin();
        var pushes = _ledger.TakePushes();
        while (_ledger.StoreNeeded)
        {
            Store();
        }

        var next = _ledger.NextTick;
        End(began);
        foreach (var push in pushes)
        {
            Pushes++;
            _replay.Send(ReplayEvent.PushArrives, _frontends[push.Holder], push);
        }

        if (next == TimeSpan.MaxValue)
        {
            return;
        }

        var due = _replay.Now + Math.Max(next.Ticks + 1, LeastTick);
        if (due < _nextTick || _nextTick <= _replay.Now)
        {
            _nextTick = due;
            _replay.Events.Add(due, ReplayEvent.LedgerTick, 0, due);
        }
    }

    private void Store() => _ledger.EndStore(_ledger.BeginStore(), StoreOutcome.Stored);

    private long Begin() => _measuringTime?.GetTimestamp() ?? 0;

    private void End(long began) => Spent += _measuringTime?.GetElapsedTime(began) ?? TimeSpan.Zero;
}
