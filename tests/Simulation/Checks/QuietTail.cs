namespace Admission.Simulation;

/// <summary>
/// Promise 2, at the end of every run: faults stop and nothing new arrives. When everything that may have been lost must have run out, nothing
/// waits, the ledger's books equal what the pools have, and then the whole limit can be used at once.
/// </summary>
internal sealed class QuietTail(World world)
{
    /// <summary>Writes and claims of activations that died may still arrive, but there are few.</summary>
    private const int MostReplaced = 5;

    private long _deadline;
    private long _recovery;
    private long _settled;
    private int _probes;
    private int _replaced;
    private bool _policyTold;

    public void Begin()
    {
        var policy = world.Policies.WantedInForce;
        var lease = world.Policies.LongestLease * 1.1;
        var quarantine = policy.EffectiveQuarantine;

        // A lost exchange has to time out first; then a lost ledger's authority with what it may have granted, then a lost holder's lease and quarantine.
        _recovery = ((world.Options.AuthorityTtl + lease + quarantine) * 1.03).Ticks;
        var holder = (lease + quarantine) * 1.03;
        var hosts = (2 * world.Scenario.ExchangeTimeout) + (3 * world.Scenario.StoreTimeout) + world.Scenario.Renewal.Ticks + Timeline.Second;
        _deadline = world.Now + hosts + _recovery + holder.Ticks;
        if (world.Scenario.Leases > 0)
        {
            // One that was handed over last, to a ledger that is lost then.
            _deadline += ((world.Options.AuthorityTtl + (world.Scenario.LongestLeaseTtl * 1.1) + (policy.Quarantine ?? TimeSpan.Zero)) * 1.03).Ticks;
        }

        if (world.Scenario.DestinationFails > 0)
        {
            // A trial that was lost with its holder, or hangs; then the pause, one that says nothing, another pause, and the slow start.
            _deadline += ((policy.Ejection.LongestPause * 3) + policy.EffectiveSlowStart + policy.RunTimeout + holder).Ticks + (2 * Timeline.Second);
            Nudge();
        }

        world.Events.Add(_deadline, EventKind.QuietCheck, -1);
        _deadline += Timeline.Second;
    }

    /// <summary>As long as a destination is not in service, somebody wants to be served now and then.</summary>
    public void Nudge()
    {
        if (_probes > 0)
        {
            return;
        }

        if (world.Newest is { IsAlive: true, Ledger: { } ledger } && MayTry(ledger) && ledger.Describe().Destinations.Any(destination => destination.Condition != DestinationCondition.InService))
        {
            var holder = world.Holders[world.Random.Below(world.Holders.Length)];
            holder.Arrive(new SimRequest
            {
                Holder = holder.Index, Process = holder.Process, ArrivedAt = world.Now, Asked = default, Service = 5 * Timeline.Millisecond, IsNudge = true,
            });
        }

        world.Events.Add(world.Now + (20 * Timeline.Millisecond), EventKind.Nudge, -1);
    }

    /// <summary>Messages under way excuse a difference for a second, no more.</summary>
    public void Check()
    {
        if (Difference() is { } difference)
        {
            if (world.Now > _deadline)
            {
                throw world.Broken("P2", $"after a quiet time {difference}");
            }

            world.Events.Add(world.Now + (10 * Timeline.Millisecond), EventKind.QuietCheck, -1);
            return;
        }

        var limit = LimitCheck.InForce(world.Newest!.Ledger!, world.Policies.WantedInForce);
        var alone = world.Random.Chance(0.5);
        var first = world.Random.Below(world.Holders.Length);
        for (var i = 0; i < limit; i++)
        {
            var holder = world.Holders[alone ? first : (first + i) % world.Holders.Length];
            _probes++;
            holder.Arrive(new SimRequest
            {
                Holder = holder.Index, Process = holder.Process, ArrivedAt = world.Now, Asked = default, Service = 60 * Timeline.Second, IsProbe = true,
            });
        }

        world.Events.Add(world.Now + (20 * world.Scenario.CalmDelay) + (Timeline.Second / 2), EventKind.FullUseCheck, -1);
    }

    public void CheckFullUse()
    {
        if (world.Limits.Inside != _probes)
        {
            throw world.Broken("P2", $"only {world.Limits.Inside} of {_probes} permits can be used at once.");
        }

        world.Finished = true;
    }

    /// <summary>Whether a destination that failed can be tried at all: with a limit of 0 for the whole backend nothing is admitted.</summary>
    private bool MayTry(CapacityLedger ledger) => LimitCheck.InForce(ledger, world.Policies.WantedInForce) > 0;

    private string? Difference()
    {
        if (world.Now < _settled)
        {
            return "a ledger was replaced, and not every holder has heard from the new one.";
        }

        if (world.WaitingCount > 0)
        {
            return $"{world.WaitingCount} requests still wait.";
        }

        if (world.Limits.Inside > 0)
        {
            return $"{world.Limits.Inside} permits' work is still inside.";
        }

        if (world.Newest is not { IsAlive: true, Ledger: { } ledger } newest || ledger.Epoch != world.Store.State.Epoch)
        {
            Replace();
            return "there is no ledger.";
        }

        var books = ledger.Describe();
        if (!_policyTold && !(world.PolicyInTruth(books.Policy)?.Matches(world.Policies.WantedInForce) ?? false))
        {
            return "the policy is not in force.";
        }

        _policyTold = true;
        if (books.Status is not (LedgerStatus.Granting or LedgerStatus.NoAuthority) || books.Quarantined != 0 || books.Occupancy.Queued != 0)
        {
            return $"the ledger is {books.Status} with {books.Quarantined} permits in quarantine and {books.Occupancy.Queued} tickets.";
        }

        if (books.Leases != 0)
        {
            return $"{books.Leases} leases with {books.Leased} permits are held by nobody.";
        }

        // Without any holder the ledger lets its authority lapse, and confirms it when one comes.
        if (books.Status == LedgerStatus.NoAuthority && (books.Holders.Length > 0 || ledger.SteppedDown))
        {
            return "the ledger has no authority.";
        }

        if (MayTry(ledger) && books.Destinations.FirstOrDefault(destination => destination.Condition != DestinationCondition.InService) is { } failed)
        {
            return $"destination '{failed.Destination}' is {failed.Condition}.";
        }

        foreach (var holder in world.Holders)
        {
            if (holder.Pool.LedgerStatus == LedgerStatus.Recovering && holder.Pool.HasLease)
            {
                return $"{holder.Id} has not heard that the recovery is over.";
            }
        }

        world.Checks.CheckBooks(newest);
        return Compare(books);
    }

    /// <summary>
    /// The newest ledger is gone, or a write of an activation that died has begun a higher epoch. Without holders nobody would notice before the first
    /// report, so the engine does. The new one may have to wait for what the old one may have granted.
    /// </summary>
    private void Replace()
    {
        world.Newest?.End("activation ends");
        if (world.Activations[^1] is { IsAlive: false } or { Ledger: not null })
        {
            if (++_replaced > MostReplaced)
            {
                throw world.Broken("P2", $"without faults {MostReplaced} ledgers in a row have stepped down.");
            }

            world.ActivateLater();
            _settled = world.Now + world.Scenario.ExchangeTimeout + (2 * Timeline.Second);
            _deadline = Math.Max(_deadline, _settled + _recovery + Timeline.Second);
        }
    }

    private string? Compare(BackendDescription books)
    {
        var booked = 0;
        foreach (var account in books.Holders)
        {
            var pool = world.HolderOf(account.Holder).Pool;
            var held = pool.Life.Incarnation == account.Incarnation ? pool.Idle + pool.InUse : 0;
            if (account.Booked != held)
            {
                return $"the ledger has booked {account.Booked} permits for {account.Holder}/{account.Incarnation}, which holds {held}.";
            }

            booked += account.Booked;
        }

        return booked == world.Idle ? null : $"pools have {world.Idle} permits, of which the ledger knows {booked}.";
    }
}
