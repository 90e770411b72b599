namespace Admission.Simulation;

/// <summary>
/// One activation of the backend's grain: reads the record, claims a higher epoch, writes it, runs its ledger, and carries its messages and writes. Several may
/// live at once. <c>.Renewal</c> is the silo around it.
/// </summary>
internal sealed partial class Activation
{
    /// <summary>A timer that is due but has nothing to do, as while a write is under way, comes again after so long.</summary>
    private const long LeastTick = 20 * Timeline.Millisecond;

    private readonly World _world;
    private readonly List<ReportEnvelope> _pending = [];
    private long _writes;
    private bool _writing;
    private bool _leaving;
    private long _writeNotBefore;
    private long _epochBegan;
    private long _nextTick = long.MaxValue;
    private BackendPolicy? _inForce;

    public Activation(World world, int index)
    {
        _world = world;
        Index = index;
        Clock = world.NewClock();
    }

    public int Index { get; }

    public ProcessClock Clock { get; }

    public CapacityLedger? Ledger { get; private set; }

    public bool IsAlive { get; private set; } = true;

    public bool IsCutFromStore { get; set; }

    public long PausedUntil { get; set; }

    /// <summary>When its last confirmation began, in true time.</summary>
    public long ConfirmedAt { get; private set; }

    /// <summary>When it had read the record that it began with, on its own clock.</summary>
    public long ReadAt { get; private set; }

    /// <summary>When its ledger began, in true time.</summary>
    public long BegunAt { get; private set; }

    /// <summary>When the first ledger of a higher epoch began, in true time.</summary>
    public long SucceededAt { get; set; } = long.MaxValue;

    public long Epoch => Ledger?.Epoch ?? 0;

    public void Begin() => Submit(new StoreOperation(StoreKind.Read, null, 0, null));

    public void End(string how)
    {
        if (IsAlive)
        {
            _world.Trace.Add(_world.Now, how, Index, Epoch);
            IsAlive = false;
        }
    }

    public void ReportArrives(ReportEnvelope envelope)
    {
        if (Ledger is null)
        {
            // A grain's calls wait until it is activated.
            _pending.Add(envelope);
            return;
        }

        _world.Trace.Add(_world.Now, "report arrives", Index, envelope.Holder, envelope.Report);
        Exchange(envelope);
        Flush();
    }

    public void Tick(long number)
    {
        if (number != _nextTick || Ledger is null)
        {
            return;
        }

        _nextTick = long.MaxValue;
        Ledger.Tick();
        Flush();
    }

    public bool Apply(BackendPolicy policy)
    {
        if (Ledger is null || Ledger.SteppedDown)
        {
            return false;
        }

        var meant = _world.Tamper.LedgerPolicy(policy);
        Ledger.ApplyPolicy(meant);
        Flush();

        // In force is not yet durable: an earlier policy may be under way to the store.
        return meant.Matches(Ledger.Configured) && !_writing && !Ledger.StoreNeeded;
    }

    /// <summary>An operator changes something of the policy; it is tried again until it is in force.</summary>
    public bool Adjust(PolicyAdjustment adjustment)
    {
        if (Ledger is null || Ledger.SteppedDown)
        {
            return false;
        }

        if (!adjustment.Equals(Ledger.DescribePolicy().Adjustment ?? PolicyAdjustment.None))
        {
            Ledger.Adjust(new AdjustmentRequest { ExpectedVersion = Ledger.PolicyVersion, Adjustment = adjustment, By = "operator" });
            Flush();
        }

        return adjustment.Equals(Ledger.DescribePolicy().Adjustment ?? PolicyAdjustment.None) && !_writing && !Ledger.StoreNeeded;
    }

    /// <summary>A program renews a lease or gives it back; null before there is a ledger.</summary>
    public LeaseDescription? AskOfLease(LeaseCall call)
    {
        if (Ledger is null)
        {
            return null;
        }

        LeaseName[] names = [_world.Tamper.AskedOfLease(call)];
        var before = Ledger.Describe().Leased;
        var answer = (call.Releases ? Ledger.ReleaseLeases(names) : Ledger.RenewLeases(names))[0];
        _world.Checks.LeasesReleased(before - Ledger.Describe().Leased);
        Flush();
        return _world.Tamper.AnsweredOfLease(call, answer);
    }

    /// <summary>Stops in good order, leaving everything to the successor.</summary>
    public void HandOver()
    {
        if (Ledger is null || Ledger.SteppedDown || _leaving)
        {
            return;
        }

        _leaving = true;
        var state = Ledger.PrepareHandover();
        _world.Trace.Add(_world.Now, "hand-over", Index, Epoch, state);
        Submit(new StoreOperation(StoreKind.HandOver, state, ++_writes, null));
    }

    public void PumpStore()
    {
        if (_writing || Ledger is null || _leaving || _world.Now < _writeNotBefore || !Ledger.StoreNeeded)
        {
            return;
        }

        _writing = true;
        var request = Ledger.BeginStore();
        Submit(new StoreOperation(StoreKind.Write, _world.Tamper.Written(this, request.State), ++_writes, request));
    }

    public void Claim(StoreOperation read) =>
        Submit(new StoreOperation(StoreKind.Claim, null, read.FoundVersion, null) { Found = read.Found, FoundVersion = read.FoundVersion });

    public void StoreAnswers(StoreOperation operation, StoreOutcome outcome)
    {
        if (operation.Done)
        {
            return;
        }

        operation.Done = true;
        _world.Trace.Add(_world.Now, operation.Kind switch
        {
            StoreKind.Read => "record read",
            StoreKind.BeginEpoch => "epoch written",
            StoreKind.Write => "written",
            StoreKind.Claim => "epoch claimed",
            StoreKind.Renew => operation.StillOurs ? "renewed" : "not renewed",
            _ => "hand-over written",
        }, Index, (long)outcome, operation.Found ?? operation.State);
        switch (operation.Kind)
        {
            case StoreKind.Read when outcome == StoreOutcome.Stored:
                ReadAt = Clock.GetTimestamp();
                if (_world.Scenario.Claims && _world.Tamper.ClaimsFirst)
                {
                    // When it runs again.
                    _world.MayStall(this);
                    _world.Events.Add(_world.Now, EventKind.ClaimDue, Index, 0, operation);
                }
                else
                {
                    BeginEpoch(operation, operation.Found!.Epoch + 1);
                    _world.MayStall(this);
                }

                break;
            case StoreKind.Claim when Ledger is not null:
                EndLateClaim(operation, outcome);
                break;
            case StoreKind.Claim when outcome == StoreOutcome.Stored:
                BeginEpoch(operation, operation.Epoch);
                _world.MayStall(this);
                break;
            case StoreKind.Renew:
                EndRenewal(operation, outcome);
                break;
            case StoreKind.BeginEpoch when outcome == StoreOutcome.Stored:
                Create(operation);
                break;
            case StoreKind.Write:
                EndWrite(operation, outcome);
                break;
            case StoreKind.HandOver:
                Push(outcome == StoreOutcome.Stored ? Ledger!.TakeFarewells() : []);
                End("activation ends");
                _world.ActivateLater();
                break;
            default:
                // Lost, or somebody else was faster: look again.
                Begin();
                break;
        }
    }

    private void Push(IEnumerable<LedgerMessage> pushes)
    {
        foreach (var push in pushes)
        {
            var holder = _world.HolderOf(push.Holder);
            _world.Checks.Sent(this, holder.Index, push);
            if (_world.Tamper.FromLedger(this, push) is { } message && !_world.Tamper.DropsPushes)
            {
                _world.Network.SendPush(Index, holder.Index, holder.Process, message);
            }
        }
    }

    private void BeginEpoch(StoreOperation found, long epoch)
    {
        _epochBegan = Clock.GetTimestamp();
        Submit(new StoreOperation(StoreKind.BeginEpoch, found.Found!.NextEpoch(epoch, _world.Options.AuthorityTtl), found.FoundVersion, null) { Found = found.Found });
    }

    private void Create(StoreOperation operation)
    {
        var state = _world.Tamper.Restored(this, operation.State!);
        Ledger = new CapacityLedger(state, _world.Tamper.WriteBegan(_epochBegan, Clock), Clock, _world.Tamper.Options(_world.Options), operation.Found!.Handover);
        _inForce = Ledger.Policy;
        ConfirmedAt = BegunAt = _world.Now;
        _world.Checks.Health.LedgerBegins(this, operation.Found!.Handover is not null);
        _world.LedgerBegins(this);
        BeginRenewals(operation);
        AnswerPending();
    }

    private void EndWrite(StoreOperation operation, StoreOutcome outcome)
    {
        _writing = false;
        if (outcome == StoreOutcome.Stored)
        {
            ConfirmedAt = Math.Max(ConfirmedAt, operation.BeganAt);
        }

        outcome = _world.Tamper.Outcome(this, outcome);
        if (outcome == StoreOutcome.Failed)
        {
            _writeNotBefore = _world.Now + _world.Random.Between(20 * Timeline.Millisecond, 80 * Timeline.Millisecond);
            _world.Events.Add(_writeNotBefore, EventKind.StorePumps, Index);
        }

        Ledger!.EndStore(operation.Request!, outcome);
        AnswerPending();
    }

    private void AnswerPending()
    {
        var waiting = _pending.Count == 0 ? null : _pending.ToArray();
        _pending.Clear();
        Flush();
        foreach (var envelope in waiting ?? [])
        {
            Exchange(envelope);
            Flush();
        }
    }

    /// <summary>Answers a report, or keeps it until what it needs is written.</summary>
    private void Exchange(ReportEnvelope envelope)
    {
        var report = _world.Tamper.ToLedger(this, envelope.Report);
        var reply = Ledger!.Receive(report);
        _world.Checks.Received(envelope.Report, reply);
        if (reply.Status is LedgerStatus.Registering or LedgerStatus.NoAuthority && envelope.Tries < 3 && !Ledger.SteppedDown && !_leaving
            && (_writing || Ledger.StoreNeeded))
        {
            envelope.Tries++;
            _pending.Add(envelope);
            return;
        }

        if (_world.Random.Chance(1.0 / 32))
        {
            _world.Checks.ReceiveAgain(this, report);
        }

        Send(envelope, reply);
    }

    private void Send(ReportEnvelope envelope, LedgerMessage reply)
    {
        _world.Checks.Sent(this, envelope.Holder, reply);
        if (_world.Tamper.FromLedger(this, reply) is { } message)
        {
            _world.Network.SendReply(Index, envelope, message);
        }
    }

    /// <summary>After every call of the ledger: its pushes, its writes, its timer.</summary>
    private void Flush()
    {
        if (!ReferenceEquals(_inForce, Ledger!.Policy))
        {
            _inForce = Ledger.Policy;
            _world.Trace.Add(_world.Now, "policy in force", Index, Epoch, _inForce);
            _world.Checks.PolicyInForce(this);
        }

        Push(Ledger.TakePushes());

        _world.Checks.LedgerCalled(this);
        PumpStore();
        if (Ledger.SteppedDown && !_leaving)
        {
            _leaving = true;
            _world.Trace.Add(_world.Now, "stepped down", Index, Epoch);
            _world.Events.Add(_world.Now + _world.Random.Between(0, 300 * Timeline.Millisecond), EventKind.ActivationEnds, Index);
        }

        SetTimer();
    }

    private void SetTimer()
    {
        var next = Ledger!.NextTick;
        if (next == TimeSpan.MaxValue || _leaving)
        {
            return;
        }

        var due = _world.Now + Math.Max(Clock.TrueTicks(next), next <= TimeSpan.Zero ? LeastTick : Timeline.Millisecond);
        if (due < _nextTick || _nextTick <= _world.Now)
        {
            _nextTick = due + _world.Random.Between(0, Timeline.Millisecond);
            _world.Events.Add(_nextTick, EventKind.LedgerTick, Index, _nextTick);
        }
    }

    private void Submit(StoreOperation operation)
    {
        operation.BeganAt = _world.Now;
        var scenario = _world.Scenario;
        var random = _world.Random;
        _world.Events.Add(_world.Now + scenario.StoreTimeout, EventKind.StoreTimesOut, Index, 0, operation);
        if (_world.Faulty && (IsCutFromStore || random.Chance(scenario.StoreLoss)))
        {
            return;
        }

        // Now and then so slow that it is executed after its caller has given up.
        var delay = _world.Faulty && random.Chance(scenario.StoreLoss) ? random.Between(0, 2 * scenario.StoreTimeout) : random.Between(scenario.StoreDelay / 4, scenario.StoreDelay);
        _world.Events.Add(_world.Now + delay, EventKind.StoreRequestArrives, Index, 0, operation);
    }
}
