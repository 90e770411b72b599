namespace Admission.Capacity;

/// <content>
/// Leases that programs hold by themselves: permits that have left their pool, each on an account of its own in the record, until it is given back or was not renewed for its time-to-live and a grace.
/// </content>
public sealed partial class CapacityLedger
{
    private readonly Dictionary<string, LedgerLease> _leases = new(StringComparer.Ordinal);
    private readonly EndedLeases _endedLeases = new();
    private int _leased;
    private long _leaseNumber;
    private long _nextLeaseReclaim = MonotonicClock.Forever;
    private long _leasesGranted;
    private long _leasesReclaimed;

    /// <summary>
    /// How long the work of a holder that was lost may still run. What a gateway dispatches ends with the policy's run time-out, which is therefore the default for gateways; what the holder of a lease does is
    /// its own affair, and its time-to-live says how long it may go on unheard. So only a quarantine that the policy gives counts.
    /// </summary>
    private TimeSpan QuarantineOfLeases => _policy?.Quarantine ?? TimeSpan.Zero;

    /// <summary>Leases that were not renewed in time and taken back, since the ledger began.</summary>
    public long LeasesReclaimed => _leasesReclaimed;

    /// <summary>Renews leases.</summary>
    /// <param name="names">Which; at most <see cref="LeaseRules.MostPerCall"/>.</param>
    /// <returns>How each stands then, in the same order. <see cref="LeaseState.Unsettled"/>: store, if <see cref="StoreNeeded"/>, and ask again.</returns>
    public LeaseDescription[] RenewLeases(LeaseName[] names) => ForEach(names, static (ledger, lease, now) =>
    {
        if (!lease.Stored)
        {
            // This ledger has told nobody of it. So who asks was told by a successor, which counts from its own booking and knows nothing of a renewal here.
            return new LeaseDescription { Key = lease.Key, State = LeaseState.Unsettled };
        }

        lease.End = Math.Max(lease.End, now + ledger._clock.Ticks(LeaseTimes.AtLedger(lease.Handed.Ttl)));
        return ledger.DescribeLease(lease, now);
    });

    /// <summary>Takes leases back that their holders give. One that was released before stays released; one that was reclaimed before is not counted again.</summary>
    /// <param name="names">Which; at most <see cref="LeaseRules.MostPerCall"/>.</param>
    /// <returns>How each stands then, as with <see cref="RenewLeases"/>.</returns>
    public LeaseDescription[] ReleaseLeases(LeaseName[] names) => ForEach(names, static (ledger, lease, now) =>
    {
        var held = ledger._clock.Between(lease.Since, now);
        ledger._drain.Add(lease.Handed.Permits, held * lease.Handed.Permits);
        ledger.Unbook(lease);
        ledger._endedLeases.Add(lease.Key, LeaseState.Released);
        ledger._stateChanged = true;
        return new LeaseDescription { Key = lease.Key, State = LeaseState.Released };
    });

    /// <summary>Tells leases.</summary>
    /// <param name="query">Which of them.</param>
    public LeasePage Leases(LeaseQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        var now = _clock.Now;
        var leases = query.Names is { } names
            ? names.Select(name => _leases.TryGetValue(name.Key, out var lease) ? DescribeLease(lease, now) : DescribeMissing(name))
            : _leases.Values.Where(lease => lease.Fencing.Number > query.After).OrderBy(lease => lease.Fencing.Number).Take(query.Count).Select(lease => DescribeLease(lease, now));
        return new LeasePage(_leases.Count, [.. leases]);
    }

    private LeaseDescription[] ForEach(LeaseName[] names, Func<CapacityLedger, LedgerLease, long, LeaseDescription> act)
    {
        ArgumentNullException.ThrowIfNull(names);
        var now = _clock.Now;
        if (SteppedDown || !HasAuthority(now))
        {
            _confirmationWanted |= _options.RenewedByWrites && !_storing;
            return Array.ConvertAll(names, static name => new LeaseDescription { Key = name.Key, State = LeaseState.Unsettled });
        }

        Advance(now);
        var answers = Array.ConvertAll(names, name => !_leases.TryGetValue(name.Key, out var lease) ? DescribeMissing(name)
            : lease.Ending ? new LeaseDescription { Key = name.Key, State = LeaseState.Unsettled }
            : act(this, lease, now));
        Settle(now);
        return answers;
    }

    private LeaseDescription DescribeLease(LedgerLease lease, long now)
    {
        // After a move a ledger waits longer than any holder was promised; and promises no more than a successor would wait.
        var longest = LeaseTimes.AtHolder(lease.Handed.Ttl);
        var left = lease.End <= now ? TimeSpan.Zero : _clock.Between(now, lease.End) - (LeaseTimes.AtLedger(lease.Handed.Ttl) - longest);
        return new LeaseDescription
        {
            Key = lease.Key,
            State = LeaseState.Held,
            Fencing = lease.Fencing,
            Destination = lease.Destination.Name,
            Permits = lease.Handed.Permits,
            Ttl = lease.Handed.Ttl,
            Left = left <= TimeSpan.Zero ? TimeSpan.Zero : left < longest ? left : longest,
            Age = _clock.Between(lease.Since, now),
            Tenant = lease.Handed.Tenant,
            Priority = lease.Handed.Priority,
        };
    }

    /// <summary>One of a higher epoch is a successor's: this ledger does not know that it has one.</summary>
    private LeaseDescription DescribeMissing(in LeaseName name) => new()
    {
        Key = name.Key,
        State = _endedLeases.Find(name.Key) ?? (name.Epoch > _epoch || SteppedDown ? LeaseState.Unsettled : LeaseState.Unknown),
    };

    /// <summary>Books what a report hands over, each once. What the report holds does not contain it any more, so nothing is booked twice, and nothing not at all.</summary>
    private void TakeHandOvers(HolderAccount account, HolderReport report, long now)
    {
        account.HandOvers = report.HandOvers ?? [];
        foreach (ref readonly var handed in account.HandOvers.AsSpan())
        {
            if (handed.Number <= account.LastHandOver)
            {
                continue;
            }

            account.LastHandOver = handed.Number;
            if (_leases.TryGetValue(handed.Key, out var known))
            {
                // Handed to the predecessor, which stored it and could not tell.
                known.Giver = known.Stored ? null : account;
            }
            else if (_endedLeases.Find(handed.Key) is null && _leases.Count < _options.MaxLeases)
            {
                var lease = new LedgerLease(handed, _destinations.Find(handed.Destination), new FencingToken(_epoch, ++_leaseNumber))
                {
                    Giver = account,
                    Since = now,
                    End = now + _clock.Ticks(LeaseTimes.AtLedger(handed.Ttl)),
                };
                Add(lease);
                _stateChanged = true;
            }
        }
    }

    private void Add(LedgerLease lease)
    {
        _leases.Add(lease.Key, lease);
        _leased += lease.Handed.Permits;
        _destinations.Book(lease.Destination, lease.Handed.Permits);
        BookTenantOf(lease, lease.Handed.Permits);
        _nextLeaseReclaim = Math.Min(_nextLeaseReclaim, lease.End);
    }

    private void Unbook(LedgerLease lease)
    {
        _leases.Remove(lease.Key);
        _leased -= lease.Handed.Permits;
        _destinations.Book(lease.Destination, -lease.Handed.Permits);
        BookTenantOf(lease, -lease.Handed.Permits);
    }

    /// <summary>A lease may last for days, and so counts for its tenant also while that has no cap: one that is set later finds it on the books.</summary>
    private void BookTenantOf(LedgerLease lease, int permits)
    {
        if (lease.Tenant is { } tenant)
        {
            _queue.Book(tenant, permits);
        }
    }

    /// <summary>What has become of the hand-overs that a life's newest report names. Nothing of one that is not stored yet: a successor would not know it.</summary>
    private LeaseGrant[]? GrantsFor(HolderAccount account)
    {
        List<LeaseGrant>? grants = null;
        foreach (ref readonly var handed in account.HandOvers.AsSpan())
        {
            if (!_leases.TryGetValue(handed.Key, out var lease))
            {
                (grants ??= []).Add(new LeaseGrant(handed.Number, _endedLeases.Find(handed.Key) ?? LeaseState.TooMany, default));
            }
            else if (lease is { Stored: true, Ending: false })
            {
                (grants ??= []).Add(new LeaseGrant(handed.Number, LeaseState.Held, lease.Fencing));
            }
        }

        return grants?.ToArray();
    }

    /// <summary>A write has succeeded: the leases that were in it are told, and those that it left out are free.</summary>
    private void LeasesStored(LedgerLease[] written)
    {
        foreach (var lease in written)
        {
            lease.Stored = true;
            _leasesGranted++;
            if (lease.Giver is { } giver)
            {
                lease.Giver = null;
                Notify(giver);
            }
        }
    }

    /// <summary>Takes back what was not renewed, once a write that left it out has confirmed that no other ledger has renewed it meanwhile.</summary>
    private void ReclaimLeases(long now)
    {
        if (now < _nextLeaseReclaim)
        {
            return;
        }

        _nextLeaseReclaim = MonotonicClock.Forever;
        List<LedgerLease>? ended = null;
        foreach (var lease in _leases.Values)
        {
            if (lease.Ending && lease.End <= _confirmedAt)
            {
                (ended ??= []).Add(lease);
            }
            else
            {
                _nextLeaseReclaim = Math.Min(_nextLeaseReclaim, lease.End);
            }
        }

        foreach (var lease in ended ?? [])
        {
            Unbook(lease);
            _endedLeases.Add(lease.Key, LeaseState.Reclaimed);
            _leasesReclaimed++;
            _stateChanged = true;
            if (QuarantineEnd(lease) is var end && end > _confirmedAt)
            {
                PutInQuarantine(lease, end);
            }
        }
    }

    private long QuarantineEnd(LedgerLease lease) => lease.End + _clock.Ticks(LeaseTimes.Elsewhere(QuarantineOfLeases));

    private void PutInQuarantine(LedgerLease lease, long end)
    {
        var tenants = TenantsOf(lease);
        _quarantines.Add(new Quarantine(LifeOf(lease), lease.Destination, lease.Handed.Permits, end, tenants));
        _quarantined += lease.Handed.Permits;
        _destinations.Book(lease.Destination, lease.Handed.Permits);
        BookQuarantined(tenants, 1);
    }

    /// <summary>What stands in the record for the holder of a lease, which no life of a holder can be.</summary>
    private static StoredLife LifeOf(LedgerLease lease) => new($"lease {lease.Fencing.Number}", 0);

    /// <summary>The leases as a record has them. What has run out is left out: that write is its end, if it succeeds.</summary>
    private StoredLease[]? LeasesToStore(long now)
    {
        if (_leases.Count == 0)
        {
            return null;
        }

        var stored = new List<StoredLease>(_leases.Count);
        foreach (var lease in _leases.Values)
        {
            lease.Ending |= lease.End <= now;
            if (!lease.Ending)
            {
                var handed = lease.Handed;
                stored.Add(new StoredLease(handed.Key, handed.Destination, handed.Permits, handed.Ttl, lease.Fencing, handed.Tenant, handed.Priority));
            }
        }

        return [.. stored];
    }

    /// <summary>What the record has of leases that it leaves out: where the policy gives a quarantine, their permits are in it from then on.</summary>
    private IEnumerable<StoredQuarantine> QuarantinedLeases(long now) =>
        from lease in _leases.Values
        where lease.Ending && QuarantineEnd(lease) > now
        select new StoredQuarantine(
            LifeOf(lease), lease.Destination.Name, lease.Handed.Permits, _clock.Between(now, QuarantineEnd(lease)),
            TenantsOf(lease));

    private static TenantUse[] TenantsOf(LedgerLease lease) => lease.Tenant is { } tenant ? [new TenantUse(tenant, lease.Handed.Permits)] : [];

    /// <summary>
    /// Takes over the leases of the record. Nobody has to report them. Unless they were handed over, their time begins anew, because who renewed them last is not known: the former owner may do so for as long
    /// as its authority lasts.
    /// </summary>
    private void RestoreLeases(LedgerState state, Handover? handover, bool formerIsGone, long now)
    {
        _leaseNumber = state.LeaseNumber;
        var lefts = (handover?.Leases ?? []).ToDictionary(handed => handed.Key, handed => handed.Left, StringComparer.Ordinal);
        foreach (var (key, ended) in state.EndedLeases ?? [])
        {
            _endedLeases.Add(key, ended);
        }

        foreach (ref readonly var stored in (state.Leases ?? []).AsSpan())
        {
            var left = lefts.TryGetValue(stored.Key, out var handedLeft) ? handedLeft : LeaseTimes.AtLedger(stored.Ttl) + (formerIsGone ? TimeSpan.Zero : state.AuthorityTtl);
            var handed = new LeaseHandOver(0, stored.Key, stored.Destination, stored.Permits, stored.Ttl, stored.Tenant, stored.Priority);
            Add(new LedgerLease(handed, _destinations.Find(stored.Destination), stored.Fencing)
            {
                Stored = true,
                Since = now,
                End = now + _clock.Ticks(LeaseTimes.Elsewhere(left)),
            });
        }
    }
}
