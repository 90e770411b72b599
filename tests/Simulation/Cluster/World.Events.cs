namespace Admission.Simulation;

/// <content>Brings each event to whom it happens.</content>
internal sealed partial class World
{
    private void Handle(in Event next)
    {
        switch (next.Kind)
        {
            case EventKind.Arrival:
                _traffic.Arrive();
                return;
            case EventKind.DemandShifts:
                _traffic.Shift();
                return;
            case EventKind.WorkEnds:
            case EventKind.ClientAbandons:
                EndWork(next);
                return;
            case EventKind.HolderStarts:
                if (!Holders[next.Target].IsAlive)
                {
                    Holders[next.Target].Start(Policies.Wanted);
                }

                return;
            case EventKind.ActivationBegins:
                BeginActivation();
                return;
            case EventKind.ActivationEnds:
                Activations[next.Target].End("activation ends");
                if (Activations[^1] == Activations[next.Target])
                {
                    ActivateLater();
                }

                return;
            case EventKind.PolicyReachesLedger:
                Policies.ReachLedger();
                return;
            case EventKind.StoreRequestArrives:
                ExecuteAtStore(next);
                return;
            case EventKind.Fault:
                _faults.Strike((FaultKind)next.Number);
                return;
            case EventKind.FaultEnds:
                _faults.EndOne((FaultKind)next.Number, next.Target, next.Item);
                return;
            case EventKind.DestinationFails:
                Destinations.Fail();
                return;
            case EventKind.DestinationReturns:
                Destinations.Return(next.Target);
                return;
            case EventKind.LeaseTold:
                Leases.Told((SimLease)next.Item!);
                return;
            case EventKind.LeaseTurn:
                Leases.Turn((SimLease)next.Item!);
                return;
            case EventKind.LeaseExpires:
                Leases.Expires((SimLease)next.Item!);
                return;
            case EventKind.LeaseAnswered:
                Leases.Answered((LeaseCall)next.Item!);
                return;
            case EventKind.Nudge:
                _tail.Nudge();
                return;
            case EventKind.QuietCheck:
                _tail.Check();
                return;
            case EventKind.FullUseCheck:
                _tail.CheckFullUse();
                return;
            default:
                if (next.Kind >= EventKind.ReportArrives)
                {
                    HandleAtActivation(next);
                }
                else
                {
                    HandleAtHolder(next);
                }

                return;
        }
    }

    private void HandleAtHolder(in Event next)
    {
        var holder = Holders[next.Target];
        if (!holder.IsAlive)
        {
            return;
        }

        if (Now < holder.PausedUntil)
        {
            Events.Add(holder.PausedUntil, next.Kind, next.Target, next.Number, next.Item);
            return;
        }

        switch (next.Kind)
        {
            case EventKind.ClientLeaves:
                holder.ClientLeaves((SimRequest)next.Item!);
                break;
            case EventKind.ClientGone:
                holder.ClientGone((Work)next.Item!);
                break;
            case EventKind.HolderTick:
                holder.Tick(next.Number);
                break;
            case EventKind.ExchangeBegins:
                if (next.Number == holder.Process)
                {
                    holder.BeginDelayedExchange();
                }

                break;
            case EventKind.ExchangeTimesOut:
                holder.ExchangeTimesOut(next.Number);
                break;
            case EventKind.ReplyArrives:
                holder.ReplyArrives((ReplyEnvelope)next.Item!);
                break;
            case EventKind.PushArrives:
                holder.PushArrives((PushEnvelope)next.Item!);
                break;
            case EventKind.HolderEnds:
                _faults.EndLeaving(holder, next.Number);
                break;
            case EventKind.PolicyReachesHolder:
                holder.ChangePolicy((BackendPolicy)next.Item!);
                break;
            case EventKind.RouteChanges:
                if (!_faults.IsPinned(holder) && !Quiet)
                {
                    holder.Route = (int)next.Number;
                }

                break;
        }
    }

    private void HandleAtActivation(in Event next)
    {
        var activation = Activations[next.Target];
        if (!activation.IsAlive)
        {
            return;
        }

        if (Now < activation.PausedUntil)
        {
            Events.Add(activation.PausedUntil, next.Kind, next.Target, next.Number, next.Item);
            return;
        }

        switch (next.Kind)
        {
            case EventKind.ReportArrives:
                activation.ReportArrives((ReportEnvelope)next.Item!);
                break;
            case EventKind.LeaseCallArrives:
                Leases.Arrives(activation, (LeaseCall)next.Item!);
                break;
            case EventKind.LedgerTick:
                activation.Tick(next.Number);
                break;
            case EventKind.StoreAnswers:
                var answered = (StoreOperation)next.Item!;
                activation.StoreAnswers(answered, answered.Outcome);
                break;
            case EventKind.StoreTimesOut:
                activation.StoreAnswers((StoreOperation)next.Item!, StoreOutcome.Failed);
                break;
            case EventKind.StorePumps:
                activation.PumpStore();
                break;
            case EventKind.ClaimDue:
                activation.Claim((StoreOperation)next.Item!);
                break;
            case EventKind.RenewalDue:
                activation.Renew();
                break;
        }
    }

    /// <summary>The store executes what reaches it, whether its sender still lives or not.</summary>
    private void ExecuteAtStore(in Event next)
    {
        var operation = (StoreOperation)next.Item!;
        operation.Outcome = Store.Execute(operation);
        if (Faulty && (Activations[next.Target].IsCutFromStore || Random.Chance(Scenario.StoreLoss)))
        {
            return;
        }

        var delay = Faulty && Random.Chance(Scenario.StoreLoss) ? Random.Between(0, Scenario.StoreTimeout) : Random.Between(Scenario.StoreDelay / 4, Scenario.StoreDelay);
        Events.Add(Now + delay, EventKind.StoreAnswers, next.Target, 0, operation);
    }

    private void EndWork(in Event next)
    {
        var work = (Work)next.Item!;
        if (work.IsInside)
        {
            LeaveBackend(work);
        }

        var holder = Holders[next.Target];
        if (work.IsReleased || !holder.IsAlive || holder.Process != work.Process)
        {
            return;
        }

        if (next.Kind == EventKind.ClientAbandons)
        {
            work.Outcome = RunOutcome.Unknown;
        }

        // The answer waits for a holder that stands still.
        if (Now < holder.PausedUntil)
        {
            Events.Add(holder.PausedUntil, EventKind.WorkEnds, next.Target, 0, work);
            return;
        }

        holder.Release(work);
    }
}
