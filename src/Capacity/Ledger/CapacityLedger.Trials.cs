namespace Admission.Capacity;

/// <content>The trials of withheld destinations: one request over the whole cluster, which decides for the others.</content>
public sealed partial class CapacityLedger
{
    private long _trials;

    private LedgerDestination? DueTrial(int permits, long now)
    {
        if (_withheld.Length > 0)
        {
            foreach (var destination in _failed)
            {
                if (destination.Health!.IsDue(now) && _destinations.FitsTrial(destination, permits))
                {
                    return destination;
                }
            }
        }

        return null;
    }

    /// <summary>A trial is due, and all permits of the backend are elsewhere: those that are idle, or released next, come back for it.</summary>
    private bool TrialWantsRoom(long now)
    {
        if (_withheld.Length > 0 && !_destinations.IsPaused)
        {
            foreach (var destination in _failed)
            {
                if (destination.Health!.IsDue(now) && destination.Booked < destination.Limit && !_destinations.FitsTrial(destination, 1))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>Makes the first ticket the trial of a destination whose pause is over.</summary>
    private bool TryTrial(QueuedTicket ticket, long now)
    {
        if (DueTrial(ticket.Request.Weight, now) is not { } destination)
        {
            return false;
        }

        BeginTrial(destination, ticket.Account);
        Serve(ticket, destination, now);
        return true;
    }

    /// <summary>
    /// Nobody waits, so the next request at this pool shall be the trial. Where nothing else is in service requests come as tickets; only those that cannot wait do not.
    /// </summary>
    private void OfferTrial(HolderAccount account, long now)
    {
        if (account.Demand > 0 && OfferedTrial(now) is { } destination)
        {
            BeginTrial(destination, account);
            GrantBlock(account, destination, 1);
        }
    }

    private LedgerDestination? OfferedTrial(long now)
    {
        var due = DueTrial(1, now);
        var ticketsFirst = NoDestination || _queue.Permits.Rules.HasCaps || due is { Health.WasUndecided: true };
        return ticketsFirst && due is { Health: { } health } && !health.IsOverdue(now) ? null : due;
    }

    /// <summary>The pause is over, and nobody waits or reports: the pool with the greatest demand gets the trial.</summary>
    private void OfferTrialToSomebody(long now)
    {
        if (Recovering || Contended(now) || OfferedTrial(now) is null)
        {
            return;
        }

        HolderAccount? chosen = null;
        foreach (var account in _accounts.Values)
        {
            if (account is { Stored: true, Superseded: false, Leaving: false } && account.Demand > (chosen?.Demand ?? 0))
            {
                chosen = account;
            }
        }

        if (chosen is not null)
        {
            OfferTrial(chosen, now);
            Notify(chosen);
        }
    }

    private void BeginTrial(LedgerDestination destination, HolderAccount account)
    {
        // Above every number of an earlier epoch, whose trials may still be reported.
        destination.Health!.BeginTrial((_epoch << 24) + ++_trials, account.Life, account.LastDecision + 1);
        Changed(destination, DestinationCondition.Withheld);
    }

    private void EndTrial(LedgerDestination destination, TrialEnd end, long now)
    {
        var health = destination.Health!;
        switch (end)
        {
            case TrialEnd.Served:
                health.Return(_policy!, now);
                break;
            case TrialEnd.Failed:
                health.Withhold(_policy!, now);
                break;
            default:
                health.TryAgain(_policy!, now);
                break;
        }

        Changed(destination, DestinationCondition.Trial);
    }
}
