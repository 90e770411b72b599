namespace Admission.Capacity;

/// <content>What ends with time: leases, quarantines, the recovery after a new epoch.</content>
public sealed partial class CapacityLedger
{
    private readonly HashSet<StoredLife> _unreported = [];
    private readonly Dictionary<string, long> _newestLife = [];
    private readonly Queue<string> _endedHolders = new();
    private readonly List<Quarantine> _quarantines = [];
    private int _quarantined;
    private long _recoveryEnd = MonotonicClock.Never;
    private long _nextLeaseEnd = MonotonicClock.Forever;

    /// <summary>Some stored life has not reported under this epoch, so what is free is not known.</summary>
    private bool Recovering => _unreported.Count > 0;

    private long NextDue
    {
        get
        {
            // What ends only with a confirmation has to wait for the write under way.
            var next = Math.Min(Math.Min(_nextLeaseEnd, _nextRetry), HealthDue);
            return _storing ? next : Math.Min(next, NextConfirmation);
        }
    }

    /// <summary>Ends what has ended. Only what a later write confirmed is free again.</summary>
    private void Advance(long now)
    {
        if (now >= _nextLeaseEnd)
        {
            EndLeases(now);
        }

        for (var i = _quarantines.Count - 1; i >= 0; i--)
        {
            var quarantine = _quarantines[i];
            if (quarantine.End <= _confirmedAt)
            {
                _quarantines.RemoveAt(i);
                _destinations.Book(quarantine.Destination, -quarantine.Permits);
                _quarantined -= quarantine.Permits;
                BookQuarantined(quarantine.Tenants, -1);
                _stateChanged = true;
            }
        }

        ReclaimLeases(now);
        if (Recovering && _recoveryEnd <= _confirmedAt)
        {
            foreach (var life in _unreported)
            {
                NoteLife(life);
                _endedHolders.Enqueue(life.Holder);
            }

            ForgetOldest();
            _unreported.Clear();
            _stateChanged = true;
            NotifyAll();
        }

        AdvanceHealth(now);
    }

    private void EndLeases(long now)
    {
        _nextLeaseEnd = MonotonicClock.Forever;
        List<HolderAccount>? ended = null;
        foreach (var account in _accounts.Values)
        {
            if (account.LeaseEnd <= now)
            {
                (ended ??= []).Add(account);
            }
            else
            {
                _nextLeaseEnd = Math.Min(_nextLeaseEnd, account.LeaseEnd);
            }
        }

        foreach (var account in ended ?? [])
        {
            NoteLeaseLoss(account, now);
            Close(account);
        }
    }

    /// <summary>Closes the account of a life that has left or is lost. What it may still have in the backend goes into quarantine.</summary>
    private void Close(HolderAccount account)
    {
        var end = account.LeaseEnd + _clock.Ticks(LeaseTimes.Elsewhere(_longestQuarantine));
        var booked = BookedByDestination(account);
        var tenants = TakeTenants(account);
        Unbook(account);
        foreach (var (destination, permits) in booked)
        {
            _quarantines.Add(new Quarantine(account.Life, destination, permits, end, tenants));
            _quarantined += permits;
            _destinations.Book(destination, permits);
            BookQuarantined(tenants, 1);
            tenants = [];
        }

        DropTickets(account);
        _totalDemand -= account.Demand;
        _accounts.Remove(account.Life);
        ForgetEvidenceOf(account.Life);
        _endedHolders.Enqueue(account.Life.Holder);
        _stateChanged = true;
        ForgetOldest();
    }

    private void DropTickets(HolderAccount account)
    {
        foreach (var ticket in account.Tickets.Values.ToArray())
        {
            Dequeue(ticket);
        }
    }

    private static Dictionary<LedgerDestination, int> Sum(IEnumerable<(LedgerDestination Destination, int Permits)> parts)
    {
        var sums = new Dictionary<LedgerDestination, int>();
        foreach (var (destination, permits) in parts)
        {
            sums[destination] = sums.GetValueOrDefault(destination) + permits;
        }

        return sums;
    }

    private Dictionary<LedgerDestination, int> BookedByDestination(HolderAccount account)
    {
        var granted = account.Unacknowledged.Where(decision => decision.Kind == DecisionKind.Grant);
        return Sum(account.Reported.Select(held => (held.Destination, held.Held))
            .Concat(granted.Select(grant => (_destinations.Find(grant.Destination), grant.Permits))));
    }

    /// <summary>Notes a life as its holder's newest. An earlier one has ended, but its permits stay booked: the later says nothing of them.</summary>
    private void NoteLife(StoredLife life)
    {
        // In any order: a stored life that is given up is older than the one that lives.
        var newest = Math.Max(_newestLife.GetValueOrDefault(life.Holder), life.Incarnation);
        var ended = newest == life.Incarnation ? _newestLife.GetValueOrDefault(life.Holder) : life.Incarnation;
        if (ended != newest && _accounts.TryGetValue(life with { Incarnation = ended }, out var former))
        {
            former.Superseded = true;
            _totalIdle -= former.Idle;
            former.Idle = 0;
            Expect(former, 0);
            DropTickets(former);
        }

        _newestLife[life.Holder] = newest;
    }

    /// <summary>Keeps the memory of ended holders to a size. A report of a forgotten life is still refused, if it holds anything.</summary>
    private void ForgetOldest()
    {
        while (_endedHolders.Count > _options.MaxHolders)
        {
            var holder = _endedHolders.Dequeue();
            if (_newestLife.TryGetValue(holder, out var newest) && !_accounts.ContainsKey(new StoredLife(holder, newest)))
            {
                _newestLife.Remove(holder);
            }
        }
    }

    private readonly record struct Quarantine(StoredLife Life, LedgerDestination Destination, int Permits, long End, TenantUse[] Tenants);
}
