namespace Admission.Simulation;

/// <summary>Makes things go wrong, each kind at its rate, and ends what lasts for a while.</summary>
internal sealed class FaultInjector
{
    private const long Ms = Timeline.Millisecond;

    private readonly World _world;
    private readonly long[] _means = new long[(int)FaultKind.PolicyChange + 1];
    private readonly long[] _pinnedUntil;

    public FaultInjector(World world)
    {
        _world = world;
        _pinnedUntil = new long[world.Scenario.Holders];
        var rates = world.Scenario.Faults;
        _means[(int)FaultKind.HolderCrash] = rates.HolderCrash;
        _means[(int)FaultKind.HolderPause] = rates.HolderPause;
        _means[(int)FaultKind.HolderLeave] = rates.HolderLeave;
        _means[(int)FaultKind.HolderCut] = rates.HolderCut;
        _means[(int)FaultKind.LedgerCrash] = rates.LedgerCrash;
        _means[(int)FaultKind.LedgerPause] = rates.LedgerPause;
        _means[(int)FaultKind.LedgerCut] = rates.LedgerCut;
        _means[(int)FaultKind.StoreCut] = rates.StoreCut;
        _means[(int)FaultKind.SecondActivation] = rates.SecondActivation;
        _means[(int)FaultKind.HandOver] = rates.HandOver;
    }

    private SimRandom Random => _world.Random;

    public void Begin()
    {
        for (var kind = FaultKind.HolderCrash; kind < FaultKind.PolicyChange; kind++)
        {
            Next(kind);
        }
    }

    /// <summary>Faults stop: everything runs and is connected again.</summary>
    public void End()
    {
        Array.Clear(_pinnedUntil);
        foreach (var activation in _world.Activations)
        {
            activation.IsCutFromStore = false;
            activation.PausedUntil = Math.Min(activation.PausedUntil, _world.Now);
            if (activation != _world.Newest && (activation.Ledger is not null || activation.Index < _world.Activations.Count - 1))
            {
                activation.End("activation ends");
            }
        }

        foreach (var holder in _world.Holders)
        {
            holder.PausedUntil = Math.Min(holder.PausedUntil, _world.Now);
            if (holder is { IsAlive: true, IsLeaving: true })
            {
                holder.End("holder is killed");
            }

            if (!holder.IsAlive)
            {
                holder.Start(_world.Policies.Wanted);
            }

            holder.Route = _world.Newest is { IsAlive: true } newest ? newest.Index : _world.Activations.Count - 1;
        }

        if (!_world.Activations.Exists(activation => activation is { IsAlive: true, Ledger: not { SteppedDown: true } }))
        {
            _world.ActivateLater();
        }
    }

    /// <summary>The holder knows only one activation, whatever became of it.</summary>
    public bool IsPinned(Holder holder) => _world.Now < _pinnedUntil[holder.Index];

    public void Strike(FaultKind kind)
    {
        if (_world.Quiet)
        {
            return;
        }

        if (kind == FaultKind.PolicyChange)
        {
            _world.Policies.Change();
            return;
        }

        Next(kind);
        var holder = _world.Holders[Random.Below(_world.Holders.Length)];
        var last = _world.Activations[^1];
        switch (kind)
        {
            case FaultKind.HolderCrash when holder.IsAlive:
                holder.End("holder crashes");
                _world.Events.Add(_world.Now + (long)Random.Scale(30 * Ms, 4000 * Ms), EventKind.HolderStarts, holder.Index);
                break;
            case FaultKind.HolderPause when holder.IsAlive:
                _world.Trace.Add(_world.Now, "holder stands still", holder.Index);
                holder.PausedUntil = _world.Now + (long)Random.Scale(50 * Ms, 4000 * Ms);
                break;
            case FaultKind.HolderLeave when holder is { IsAlive: true, IsLeaving: false }:
                holder.Leave();
                _world.Events.Add(_world.Now + (50 * Ms), EventKind.HolderEnds, holder.Index, _world.Now);
                break;
            case FaultKind.HolderCut:
                Cut(holder.Index, Random.Chance(0.3) ? last.Index : -1, (long)Random.Scale(100 * Ms, 4000 * Ms));
                if (_means[(int)FaultKind.LedgerCrash] > 0 && Random.Chance(0.2))
                {
                    // About when the holder counts as lost and its work goes on.
                    _world.Events.Add(_world.Now + Random.Between(Timeline.Second, 5 * Timeline.Second / 2), EventKind.Fault, -1, (long)FaultKind.CrashInQuarantine);
                }

                break;
            case FaultKind.LedgerCrash:
            case FaultKind.CrashInQuarantine:
                last.End("activation crashes");
                _world.ActivateLater();
                break;
            case FaultKind.LedgerPause:
                _world.Trace.Add(_world.Now, "activation stands still", last.Index);
                last.PausedUntil = _world.Now + (long)Random.Scale(50 * Ms, 4000 * Ms);
                MaybeReplace(0.5);
                break;
            case FaultKind.LedgerCut:
                Cut(-1, last.Index, (long)Random.Scale(100 * Ms, 4000 * Ms));
                MaybeReplace(0.5);
                break;
            case FaultKind.StoreCut:
                CutFromStore(last, 200 * Ms);
                MaybeReplace(0.3);
                break;
            case FaultKind.SecondActivation:
                SplitBrain(last, Random.Unit(), shortest: 300 * Ms);
                break;
            case FaultKind.Overtaking:
                // Long enough for the successor to wait out what the overtaken one may have granted.
                SplitBrain(last, Random.Between(0.3, 0.7), shortest: 4000 * Ms);
                break;
            case FaultKind.PredecessorCut when _world.Newest is { IsAlive: true } newest && newest != last:
                CutFromStore(newest, 3000 * Ms);
                Pin(newest, Random.Between(0.3, 0.7), 4000 * Ms, 9000 * Ms);
                break;
            case FaultKind.HandOver:
                last.HandOver();
                break;
        }
    }

    public void EndOne(FaultKind kind, int target, object? item)
    {
        if (kind == FaultKind.StoreCut)
        {
            _world.Activations[target].IsCutFromStore = false;
        }
        else if (item is CutLink link)
        {
            _world.Network.Mend(link.Holder, link.Activation);
        }
    }

    /// <summary>A new activation may stand still while the write that begins its epoch is under way.</summary>
    public void MayStall(Activation activation)
    {
        if (_world.Faulty && _means[(int)FaultKind.SecondActivation] + _means[(int)FaultKind.LedgerPause] > 0 && Random.Chance(0.2))
        {
            _world.Trace.Add(_world.Now, "activation stands still", activation.Index);
            activation.PausedUntil = _world.Now + (long)Random.Scale(50 * Ms, 4000 * Ms);
            if (Random.Chance(0.5))
            {
                // Shorter than the leases that it will then renew.
                activation.PausedUntil = _world.Now + Random.Between(300 * Ms, 1300 * Ms);
                _world.Events.Add(_world.Now + Random.Between(0, 100 * Ms), EventKind.Fault, -1, (long)FaultKind.Overtaking);
            }
            else if (_world.Scenario.Claims && activation.Ledger is null && _world.Newest is { IsAlive: true } predecessor && Random.Chance(0.5))
            {
                // It goes on when its predecessor, which everybody has stayed with, has just been renewed and will not hear of it.
                var stall = activation.PausedUntil - _world.Now;
                Pin(predecessor, share: 1, stall, stall);
                var cut = Math.Max(0, stall - Random.Between(0, _world.Scenario.Renewal.Ticks / 2));
                _world.Events.Add(_world.Now + cut, EventKind.Fault, -1, (long)FaultKind.PredecessorCut);
            }
        }
    }

    /// <summary>A holder that leaves ends when it has left, or when its host's patience is over.</summary>
    public void EndLeaving(Holder holder, long since)
    {
        if (!holder.IsLeaving)
        {
            return;
        }

        if (holder.Pool.HasLeft || _world.Now - since > 3 * Timeline.Second)
        {
            holder.End(holder.Pool.HasLeft ? "holder has left" : "holder is killed");
            _world.Events.Add(_world.Now + Random.Between(0, Timeline.Second), EventKind.HolderStarts, holder.Index);
        }
        else
        {
            _world.Events.Add(_world.Now + (50 * Ms), EventKind.HolderEnds, holder.Index, since);
        }
    }

    private void Next(FaultKind kind)
    {
        if (_means[(int)kind] > 0)
        {
            _world.Events.Add(_world.Now + Random.Exponential(_means[(int)kind]), EventKind.Fault, -1, (long)kind);
        }
    }

    /// <summary>The old activation loses its store and gets a successor, but some holders still reach only the old one.</summary>
    private void SplitBrain(Activation old, double share, long shortest)
    {
        if (Random.Chance(_world.Scenario.SplitCuts))
        {
            CutFromStore(old, shortest);
        }

        Pin(old, share, shortest, 9000 * Ms);
        _world.Trace.Add(_world.Now, "split", old.Index, (long)(100 * share));
        if (Random.Chance(0.5))
        {
            _world.BeginActivation();
        }
        else
        {
            _world.ActivateLater();
        }
    }

    /// <summary>A share of the holders reaches only this activation for a while.</summary>
    private void Pin(Activation activation, double share, long shortest, long longest)
    {
        foreach (var holder in _world.Holders)
        {
            if (Random.Chance(share))
            {
                holder.Route = activation.Index;
                _pinnedUntil[holder.Index] = _world.Now + (long)Random.Scale(shortest, longest);
            }
        }
    }

    private void CutFromStore(Activation activation, long shortest)
    {
        _world.Trace.Add(_world.Now, "cut from the store", activation.Index);
        activation.IsCutFromStore = true;
        _world.Events.Add(_world.Now + (long)Random.Scale(shortest, 8000 * Ms), EventKind.FaultEnds, activation.Index, (long)FaultKind.StoreCut);
    }

    private void Cut(int holder, int activation, long duration)
    {
        _world.Trace.Add(_world.Now, "cut", holder, activation);
        _world.Network.Cut(holder, activation);
        _world.Events.Add(_world.Now + duration, EventKind.FaultEnds, holder, (long)FaultKind.HolderCut, new CutLink(holder, activation));
    }

    private void MaybeReplace(double probability)
    {
        if (Random.Chance(probability))
        {
            _world.ActivateLater();
        }
    }

    private sealed record CutLink(int Holder, int Activation);
}
