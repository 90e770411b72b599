namespace Admission.Capacity;

/// <content>What is stored, and when.</content>
public sealed partial class CapacityLedger
{
    private TimeSpan _longestLease;
    private TimeSpan _longestQuarantine;
    private TimeSpan _longestAuthority;
    private long _confirmedAt;
    private bool _stateChanged;
    private bool _confirmationWanted;
    private bool _storing;

    /// <summary>
    /// Something has to be written: a life, a policy, what is quarantined, or only a confirmation that this epoch is still the highest. False while a
    /// write is under way.
    /// </summary>
    public bool StoreNeeded => !_storing && !SteppedDown && (_stateChanged || _pending is not null || _confirmationWanted || _clock.Now >= NextConfirmation);

    /// <summary>
    /// When a write is wanted only for its confirmation: to free what has ended and, unless the host renews it, to keep the authority while there are holders.
    /// </summary>
    private long NextConfirmation
    {
        get
        {
            var keeps = _options.RenewedByWrites && (_accounts.Count > 0 || Recovering);
            var next = keeps ? _confirmedAt + (_clock.Ticks(_options.AuthorityTtl) / 3) : MonotonicClock.Forever;
            foreach (var quarantine in _quarantines)
            {
                next = Math.Min(next, quarantine.End);
            }

            next = Math.Min(next, _nextLeaseReclaim);
            return Recovering ? Math.Min(next, _recoveryEnd) : next;
        }
    }

    /// <summary>Begins a write. It must be conditional: it fails if the record is not the one that this ledger wrote last.</summary>
    /// <returns>The record to write; hand it back to <see cref="EndStore"/>.</returns>
    public StoreRequest BeginStore()
    {
        var now = _clock.Now;
        Advance(now);
        _storing = true;
        _stateChanged = _confirmationWanted = false;
        var state = State(now, null);
        return new StoreRequest(state, now, _pending, [.. _accounts.Values], [.. _leases.Values.Where(lease => lease is { Stored: false, Ending: false })]);
    }

    /// <summary>Takes the outcome of a write.</summary>
    /// <param name="request">The write.</param>
    /// <param name="outcome">How it ended.</param>
    public void EndStore(StoreRequest request, StoreOutcome outcome)
    {
        ArgumentNullException.ThrowIfNull(request);
        _storing = false;
        if (outcome != StoreOutcome.Stored)
        {
            _stateChanged = true;
            SteppedDown |= outcome == StoreOutcome.Superseded;
            return;
        }

        _confirmedAt = Math.Max(_confirmedAt, request.BeganAt);
        ExtendAuthority(request.BeganAt);
        foreach (var account in request.Accounts)
        {
            account.Stored = true;
        }

        LeasesStored(request.Leases);
        if (request.Policy is not null)
        {
            PutInForce(request.Policy);
        }

        var now = _clock.Now;
        Advance(now);
        if (!SteppedDown && HasAuthority(now))
        {
            Settle(now);
        }

        NoteSeries(now);
    }

    /// <summary>Ends the ledger for a planned move. It grants nothing any more.</summary>
    /// <returns>The record to write, with everything that lets the successor resume at once.</returns>
    public LedgerState PrepareHandover()
    {
        var now = _clock.Now;
        Advance(now);
        Handover? handover = null;
        if (!Recovering && !SteppedDown)
        {
            var accounts = _accounts.Values.Where(account => account.Stored).Select(account => new HandedAccount(
                account.Life,
                [.. BookedByDestination(account).Select(booked => new HeldPermits(booked.Key.Name, booked.Value, 0))],
                _clock.Until(account.LeaseEnd),
                TenantsOf(account)));

            // A granted ticket whose holder has not heard of it still waits: those grants end with this epoch.
            var granted = _accounts.Values.Where(account => account is { Stored: true, Superseded: false }).SelectMany(account => account.GrantedTickets).ToList();
            var queued = _accounts.Values.Where(account => account.Stored).SelectMany(account => account.Tickets.Values);
            var queue = granted.Concat(queued).OrderBy(ticket => ticket.Arrival).Select(ticket => new HandedTicket(
                ticket.Account.Life, ticket.Request with { TimeLeft = _clock.Until(ticket.Deadline), Waited = _clock.Between(ticket.Since, now) }));
            handover = new Handover([.. accounts], [.. queue], _queue.HandOver(granted)) { Failed = HandOverHealth() };
        }

        if (!SteppedDown && _leases.Count > 0)
        {
            // Renewals end here, also where the rest is not known well enough to be handed over.
            handover = (handover ?? new Handover([], [])) with { Leases = [.. _leases.Values.Select(lease => new HandedLease(lease.Key, lease.End > now ? _clock.Between(now, lease.End) : TimeSpan.Zero))] };
        }

        SteppedDown = true;
        _farewells = [.. _accounts.Values.Where(account => account is { Stored: true, Superseded: false })
            .Select(account => StatusOnly(account.Life.Holder, account.Life.Incarnation, LedgerStatus.NoAuthority))];
        return State(now, handover);
    }

    private LedgerState State(long now, Handover? handover)
    {
        var setting = _pending ?? _setting;
        if (_accounts.Count == 0 && !Recovering && _leases.Count == 0)
        {
            _longestLease = _longestQuarantine = _longestAuthority = TimeSpan.Zero;
        }

        if (setting?.Policy.InForce is { } policy)
        {
            _longestLease = Longer(_longestLease, LeaseTimes.AtLedger(policy.LeaseTtl));
            _longestQuarantine = Longer(_longestQuarantine, policy.EffectiveQuarantine);
        }

        _longestAuthority = Longer(_longestAuthority, _options.AuthorityTtl);
        var leases = LeasesToStore(now);
        return new LedgerState
        {
            Epoch = _epoch,
            Policy = setting?.Policy.Configured,
            Adjustment = setting?.Policy.Adjustment,
            PolicyHistory = setting?.History,
            PolicyVersion = NextPolicyVersion,
            // A life that was never stored was never granted anything, so a successor need not wait for it.
            Lives = [.. _accounts.Values.Where(account => handover is null || account.Stored).Select(account => account.Life), .. _unreported],
            // This write confirms the end of those that have ended; a successor that found them would book their permits a second time.
            Quarantined =
            [
                .. _quarantines.Where(quarantine => quarantine.End > now).Select(quarantine => new StoredQuarantine(
                    quarantine.Life, quarantine.Destination.Name, quarantine.Permits, _clock.Between(now, quarantine.End), quarantine.Tenants)),
                .. QuarantinedLeases(now),
            ],
            LongestLease = _longestLease,
            LongestQuarantine = _longestQuarantine,
            AuthorityTtl = _longestAuthority,
            Handover = handover,
            SoleOwner = _options.SoleOwner,
            Limit = _limit?.Learned,
            Leases = leases,
            LeaseNumber = _leaseNumber,
            EndedLeases = _endedLeases.ToStore(),
        };
    }

    /// <summary>Takes over what the record tells of the epochs before. What others hold is waited for from now on, which is late enough.</summary>
    private void Restore(LedgerState state, long writeBegan, Handover? handover)
    {
        var now = _clock.Now;
        _confirmedAt = writeBegan;
        ExtendAuthority(writeBegan);
        _longestLease = state.LongestLease;
        _longestQuarantine = state.LongestQuarantine;
        _longestAuthority = state.AuthorityTtl;
        foreach (var stored in state.Quarantined)
        {
            var destination = _destinations.Find(stored.Destination);
            _quarantines.Add(new Quarantine(stored.Life, destination, stored.Permits, now + _clock.Ticks(LeaseTimes.Elsewhere(stored.Left)), stored.Tenants ?? []));
            BookQuarantined(stored.Tenants ?? [], 1);
            _quarantined += stored.Permits;
            _destinations.Book(destination, stored.Permits);
        }

        if (handover is not null)
        {
            Resume(handover, now);
        }

        foreach (var life in state.Lives)
        {
            if (!_accounts.ContainsKey(life))
            {
                _unreported.Add(life);
            }
        }

        var holdersAreGone = _options.SoleOwner is not null && state.SoleOwner != _options.SoleOwner;
        RestoreLeases(state, handover, holdersAreGone, now);
        var untilHoldersAreGone = holdersAreGone ? TimeSpan.Zero : state.AuthorityTtl + state.LongestLease;
        _recoveryEnd = now + _clock.Ticks(LeaseTimes.Elsewhere(untilHoldersAreGone + state.LongestQuarantine));
    }

    private void Resume(Handover handover, long now)
    {
        foreach (var handed in handover.Accounts)
        {
            var account = new HolderAccount(handed.Life)
            {
                Stored = true,
                IsHanded = true,
                LeaseTtl = _policy!.LeaseTtl,
                LeaseEnd = now + _clock.Ticks(LeaseTimes.Elsewhere(handed.LeaseLeft)),
                Reported = [.. handed.Booked.Select(booked => (_destinations.Find(booked.Destination), booked.Held, booked.InUse))],
                ReportedTenants = handed.Tenants ?? [],
            };
            _accounts.Add(handed.Life, account);
            Rebook(account);
            NoteLife(handed.Life);
            _nextLeaseEnd = Math.Min(_nextLeaseEnd, account.LeaseEnd);
        }

        _queue.Restore(handover.Order);
        ResumeHealth(handover, now);
        foreach (var (life, ticket) in handover.Queue)
        {
            Enqueue(_accounts[life], ticket, now);
        }

        _queue.ForgetEmpty();
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;
}
