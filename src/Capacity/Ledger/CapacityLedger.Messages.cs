namespace Admission.Capacity;

/// <content>What is sent to the holders.</content>
public sealed partial class CapacityLedger
{
    private static readonly TimeSpan ShortestSaturation = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan LongestSaturation = TimeSpan.FromSeconds(1);

    /// <summary>A notice that ends so soon by itself is not taken back by a message.</summary>
    private static readonly TimeSpan BriefSaturation = TimeSpan.FromMilliseconds(50);

    /// <summary>The mean time in use that is assumed while nothing has been measured.</summary>
    private static readonly TimeSpan UnmeasuredRetry = TimeSpan.FromSeconds(1);

    private readonly List<HolderAccount> _pushDue = [];
    private IReadOnlyList<LedgerMessage> _farewells = [];

    private Occupancy Occupancy => new(
        _destinations.Limit,
        _destinations.Booked - _totalIdle,
        _queue.Count,
        NoDestination ? UntilTrial : _drain.TimeFor(_queue.Weight + 1, _destinations.Limit) ?? UnmeasuredRetry);

    /// <summary>Takes the messages that should not wait for their holder's next report.</summary>
    /// <returns>At most one for each life.</returns>
    public List<LedgerMessage> TakePushes()
    {
        var pushes = new List<LedgerMessage>();
        var now = _clock.Now;
        if (SteppedDown || !HasAuthority(now))
        {
            return pushes;
        }

        foreach (var account in _pushDue)
        {
            if (account is { PushDue: true, Stored: true, Superseded: false })
            {
                pushes.Add(MessageFor(account, now));
            }
        }

        _pushDue.Clear();
        return pushes;
    }

    /// <summary>
    /// Takes the messages by which the holders learn that this ledger has left: without them, who waits for a push would wait for its next heartbeat. To be
    /// sent once the record of <see cref="PrepareHandover"/> is stored, and only then: the successor has the rest.
    /// </summary>
    /// <returns>One for each life, the first time after a hand-over was prepared; else none.</returns>
    public IReadOnlyList<LedgerMessage> TakeFarewells()
    {
        var farewells = _farewells;
        _farewells = [];
        return farewells;
    }

    /// <summary>Marks a life as having something to hear before its next report.</summary>
    private void Notify(HolderAccount account)
    {
        if (!account.PushDue)
        {
            account.PushDue = true;
            _pushDue.Add(account);
        }
    }

    /// <summary>The recovery is over: pools that refuse for it, or serve themselves, need not until their next heartbeat.</summary>
    private void NotifyAll()
    {
        foreach (var account in _accounts.Values)
        {
            Notify(account);
        }
    }

    private LedgerMessage Unbooked(HolderReport report, LedgerStatus status) => StatusOnly(report.Holder, report.Incarnation, status);

    private LedgerMessage StatusOnly(string holder, long incarnation, LedgerStatus status) => new()
    {
        Epoch = _epoch,
        Holder = holder,
        Incarnation = incarnation,
        Sequence = 0,
        Status = status,
        PolicyVersion = _policyVersion,
    };

    private LedgerMessage MessageFor(HolderAccount account, long now)
    {
        var contended = Contended(now);
        var saturatedFor = SaturatedFor;
        account.HealthMessage = account is { HealthUnheard: true, HealthMessage: 0 } ? account.MessageSequence + 1 : account.HealthMessage;
        if (saturatedFor > TimeSpan.Zero)
        {
            _refusedUntil = Math.Max(_refusedUntil, now + _clock.Ticks(RefusalMemory));
            if (!NoDestination && IsLimitUsed(1))
            {
                _limit?.Reached();
            }
        }

        var late = LateNotices(now);
        var reportIdle = now < _refusedUntil && _accounts.Count > 1;
        var (notice, noticeFor) = NoteNotice(now, saturatedFor);
        account.PushDue = false;
        account.LastMessageAt = now;
        if (account.Unacknowledged.Count > 0)
        {
            RetryPushesSoon(now);
        }

        var message = new LedgerMessage
        {
            Epoch = _epoch,
            Holder = account.Life.Holder,
            Incarnation = account.Life.Incarnation,
            Sequence = ++account.MessageSequence,
            Status = Status(now),
            AcknowledgedReport = account.ReportSequence,
            LeaseTtl = account.LeaseTtl,
            Decisions = account.DecisionsToSend(),
            Allowance = Allowance(account, now),
            Contended = contended,
            Recalled = Recalled(),
            ReportIdle = reportIdle,
            SaturatedFor = saturatedFor,
            SaturationScope = saturatedFor == TimeSpan.Zero ? default : NoDestination ? SaturationScope.All : _queue.Saturated(_policy!.Waiting),
            Occupancy = Occupancy,
            Positions = account.NewPositions.Count == 0 ? [] : [.. account.NewPositions],
            PolicyVersion = _policyVersion,
            Withheld = _withheld,
            Watched = _watched,
            NoDestination = NoDestination,
            Notice = notice,
            NoticeFor = noticeFor,
            NoPermitFor = SaturationAge(now),
            Late = late.Length == 0 ? null : late,
            LateFor = late.Length == 0 ? TimeSpan.Zero : UntilNextPermit,
            Adjusted = _setting?.Bounds,
            Leases = GrantsFor(account),
            ReportWithin = now < _lookedAtUntil ? ReportWhileLookedAt : null,
        };
        NoteToldLate(account, late, message.LateFor, now);
        account.NewPositions.Clear();
        account.ToldContended = contended;
        account.ToldSaturatedUntil = saturatedFor > TimeSpan.Zero ? now + _clock.Ticks(saturatedFor) : MonotonicClock.Never;
        account.WatchedSince = contended || reportIdle ? Math.Min(account.WatchedSince, message.Sequence) : MonotonicClock.Forever;
        if (saturatedFor > BriefSaturation)
        {
            _saturationEnd = Math.Max(_saturationEnd, account.ToldSaturatedUntil);
        }

        if (!account.Superseded)
        {
            Expect(account, account.IsWatched ? account.Idle : account.Booked);
        }

        return message;
    }

    /// <summary>
    /// How long pools may refuse without asking: until the next permit is expected back. Zero when a new ticket would be served or queued.
    /// </summary>
    private TimeSpan SaturatedFor
    {
        get
        {
            if (!Recovering && NoDestination)
            {
                // Until the next request would be a trial, or the one under way has ended.
                var trial = IsTrialDue(_clock.Now) ? TimeSpan.Zero : UntilTrial;
                return trial > LongestSaturation ? LongestSaturation : trial;
            }

            // Caps may keep every ticket from what is free, so that a newcomer gets it.
            var spoken = _queue.Permits.Rules.HasCaps ? 0 : _queue.Weight;
            if (Recovering || _policy is null || _queue.Count < _policy.Waiting || _destinations.Free + (long)_totalMayBeIdle > spoken)
            {
                return TimeSpan.Zero;
            }

            return UntilNextPermit;
        }
    }

    /// <summary>How long a notice is valid: until the next permit is expected back.</summary>
    private TimeSpan UntilNextPermit
    {
        get
        {
            // The end of a pause is told.
            var next = _destinations.IsPaused ? LongestSaturation : _drain.TimeFor(1, _destinations.Limit) ?? ShortestSaturation;
            return next < ShortestSaturation ? ShortestSaturation : next > LongestSaturation ? LongestSaturation : next;
        }
    }

    private string[] Recalled()
    {
        if (!_destinations.IsOverbooked)
        {
            // Pools of an earlier version know only this.
            return _withheld;
        }

        return [.. _destinations.All.Where(destination => destination.Booked > destination.Limit).Select(destination => destination.Name).Union(_withheld, StringComparer.Ordinal)];
    }
}
