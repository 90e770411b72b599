namespace Admission.Capacity;

/// <summary>
/// The state machine inside a capacity grain: one backend's limit, holders and queue, in one epoch. Pure: reports, policies and
/// storage outcomes in, messages and storage requests out; no I/O, no timers.
/// </summary>
/// <remarks>
/// <para>
/// Not thread-safe: one call at a time, as a grain's turns are. Any call may leave messages to push (<see cref="TakePushes"/>) and
/// something to store (<see cref="StoreNeeded"/>).
/// </para>
/// <para>
/// The invariant: permits booked never exceed the limit by a grant. Booked are, for each life, what its newest report holds and the grants that this
/// report had not applied; and what lost lives left to the quarantine. Nothing is taken off the books by the passing of time alone: a
/// storage write that began after that time must first have confirmed that this epoch is still the highest.
/// </para>
/// <para>
/// The ledger grants and renews only while it has authority: less than <see cref="LedgerOptions.AuthorityTtl"/> ago it was confirmed that its epoch is the highest,
/// counted from when that question was sent. A write of the record asks it; so does, where many silos share a database, one statement for
/// all ledgers of a silo (<see cref="EndRenewal"/>). A successor first claims and writes a higher epoch, so every later confirmation of the old one fails, and then
/// waits for the old authority, lease and quarantine to run out, unless every stored life reports to it before.
/// </para>
/// <para>
/// Files: <c>.Booking</c> takes reports, <c>.Scheduling</c> serves the queue and shares idle permits, <c>.Headroom</c> says how many of them, <c>.Queue</c> has the queue's places, <c>.Tenants</c> what tenants with a cap use, <c>.Time</c> ends leases, quarantines and the recovery,
/// <c>.Health</c> withholds destinations that fail, <c>.Trials</c> tries them, <c>.Storage</c> has what is stored, <c>.Authority</c> until when the ledger may grant, <c>.Limit</c> finds a limit that is not given, <c>.Messages</c> builds what is sent,
/// <c>.Patience</c> knows how long clients stay, <c>.Late</c> tells pools whom it would be too late for, <c>.Discipline</c> what becomes of a queue that stays long, <c>.Explaining</c> remembers what was decided and why,
/// <c>.Policy</c> what is configured and what an operator has changed, <c>.Leases</c> the permits that programs hold by themselves, <c>.Glance</c> the last 15 minutes.
/// </para>
/// </remarks>
public sealed partial class CapacityLedger
{
    private readonly TimeProvider _time;
    private readonly MonotonicClock _clock;
    private readonly LedgerOptions _options;
    private readonly long _epoch;
    private readonly DestinationTable _destinations = new();
    private readonly Dictionary<StoredLife, HolderAccount> _accounts = [];
    private readonly TicketQueue _queue = new();
    private readonly DrainRate _drain;

    /// <summary>The tickets of the report that is being booked.</summary>
    private readonly List<QueuedTicket> _arrived = [];

    /// <summary>What holders count; null while none does, which is so wherever the policy is enforced.</summary>
    private ShadowBook? _shadow;

    private BackendPolicy? _policy;
    private long _policyVersion;
    private long _arrivals;
    private long _totalDemand;
    private int _totalIdle;
    private int _totalMayBeIdle;

    /// <summary>Begins an epoch that is already in storage.</summary>
    /// <param name="state">The record as it was written: <see cref="LedgerState.NextEpoch"/> of the one found.</param>
    /// <param name="writeBegan">
    /// The clock's timestamp when the write of <paramref name="state"/> began. Authority counts from there: a successor may have begun to count
    /// before the answer came, and so before this ledger exists.
    /// </param>
    /// <param name="time">The clock.</param>
    /// <param name="options">The host's settings; null for the defaults.</param>
    /// <param name="handover">The <see cref="LedgerState.Handover"/> of the record found, which lets the ledger resume at once; or null.</param>
    public CapacityLedger(LedgerState state, long writeBegan, TimeProvider time, LedgerOptions? options = null, Handover? handover = null)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentOutOfRangeException.ThrowIfLessThan(state.Epoch, 1, nameof(state));
        _time = time;
        _clock = new MonotonicClock(time);
        _options = options ?? new LedgerOptions();
        _drain = new DrainRate(time);
        _patience = new ClientPatience(time);
        _tenantPatience = new PatienceOfTenants(time, _patience);
        _delay = new ControlledDelay(_clock);
        _epoch = state.Epoch;
        _notices = new NoticeBook(_clock, _epoch);
        _since = _clock.Now;
        _series = new LedgerSeries(_clock, _since);
        RestorePolicy(state);
        Restore(state, writeBegan, handover);
        _beganRecovering = Recovering;
        NoteSeries(_since);
    }

    /// <summary>The epoch.</summary>
    public long Epoch => _epoch;

    /// <summary>A successor exists, or the ledger was handed over: it grants nothing any more.</summary>
    public bool SteppedDown { get; private set; }

    /// <summary>The highest epoch heard of; above <see cref="Epoch"/> it is the reason for stepping down.</summary>
    public long HighestEpochSeen { get; private set; }

    /// <summary>Lives that have an account.</summary>
    public int HolderCount => _accounts.Count;

    /// <summary>How long until <see cref="Tick"/> has something to do; <see cref="TimeSpan.MaxValue"/> for never.</summary>
    public TimeSpan NextTick => _clock.Until(NextDue);

    /// <summary>Books a report and answers it.</summary>
    /// <param name="report">A holder's report.</param>
    /// <returns>
    /// The answer. <see cref="LedgerStatus.Registering"/> and <see cref="LedgerStatus.NoAuthority"/> mean that a write has to come first, or a renewal: if
    /// <see cref="StoreNeeded"/>, store, then call again with the same report.
    /// </returns>
    /// <exception cref="ArgumentException">The report says what no pool can say.</exception>
    public LedgerMessage Receive(HolderReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (HolderReportRules.Mistake(report) is { } mistake)
        {
            throw new ArgumentException(mistake, nameof(report));
        }

        if (report.Epoch > _epoch)
        {
            HighestEpochSeen = Math.Max(HighestEpochSeen, report.Epoch);
            SteppedDown = true;
        }

        var now = _clock.Now;
        if (SteppedDown || !HasAuthority(now))
        {
            // A write under way will confirm; another one would come before the registration that waits for it.
            _confirmationWanted |= _options.RenewedByWrites && !_storing;
            return Unbooked(report, LedgerStatus.NoAuthority);
        }

        Advance(now);
        if (report.Epoch < _epoch)
        {
            // Adopting takes two steps: a grant of the old epoch may still be on its way to this holder.
            return Unbooked(report, LedgerStatus.NewEpoch);
        }

        if (_policy is null)
        {
            return Unbooked(report, LedgerStatus.NoPolicy);
        }

        var refusal = FindAccount(report, now, out var account);
        if (refusal != LedgerStatus.None)
        {
            return Unbooked(report, refusal);
        }

        if (report.Sequence > account!.ReportSequence)
        {
            Book(account, report, now);
            Settle(now);
            if (Place(account, now))
            {
                // Who stands behind a refused ticket may fit in what that one left free.
                Settle(now);
            }

            GiveHeadroom(account, now);
            NoteSeries(now);
        }

        return MessageFor(account, now);
    }

    /// <summary>Takes the passing of time. Then look for pushes and for something to store.</summary>
    public void Tick()
    {
        var now = _clock.Now;
        Advance(now);
        if (!SteppedDown && HasAuthority(now))
        {
            RetryPushes(now);
            Settle(now);
            OfferTrialToSomebody(now);
        }

        NoteSeries(now);
    }

    /// <summary>Describes the backend at this instant.</summary>
    public BackendDescription Describe()
    {
        var now = _clock.Now;
        return new BackendDescription
        {
            Epoch = _epoch,
            Status = Status(now),
            Occupancy = Occupancy,
            Destinations = DescribeDestinations(),
            Holders =
            [
                .. _accounts.Values.Select(account => new HolderDescription(
                    account.Life.Holder, account.Life.Incarnation, account.Booked, account.ReportedInUse, account.Tickets.Count, _clock.Until(account.LeaseEnd))
                {
                    LeaseAge = Longer(TimeSpan.Zero, LeaseTimes.AtLedger(account.LeaseTtl) - _clock.Until(account.LeaseEnd)),
                }),
            ],
            Quarantined = _quarantined,
            Policy = _policy,
            PolicyVersion = _policyVersion,
            Leases = _leases.Count,
            Leased = _leased,
            IsPaused = _destinations.IsPaused,
            IsAdjusted = _setting?.Policy.Adjustment is not null,
            LongestWait = LongestWait,
            Waste = _patience.Waste,
            ClientsLeft = _patience.Departures,
            RunTimeouts = _runTimeouts,
            Adaptive = DescribeLimit(),
            SaturatedFor = SaturationAge(now),
            Shadow = _shadow?.Sum(_policyVersion),
            TenantPatience = _policy is { LearnsPatience: true } ? _tenantPatience.Describe() : [],
        };
    }

    private LedgerStatus Status(long now) => true switch
    {
        _ when SteppedDown || !HasAuthority(now) => LedgerStatus.NoAuthority,
        _ when _policy is null => LedgerStatus.NoPolicy,
        _ when Recovering => LedgerStatus.Recovering,
        _ => LedgerStatus.Granting,
    };

    /// <summary>Finds the account of the life that reports, or says why there is none.</summary>
    private LedgerStatus FindAccount(HolderReport report, long now, out HolderAccount? account)
    {
        var life = new StoredLife(report.Holder, report.Incarnation);
        if (_accounts.TryGetValue(life, out account))
        {
            return account switch
            {
                { Superseded: true } => LedgerStatus.LifeOver,
                { Stored: false } => LedgerStatus.Registering,
                _ => LedgerStatus.None,
            };
        }

        if (_newestLife.TryGetValue(report.Holder, out var newest) && report.Incarnation <= newest)
        {
            return LedgerStatus.LifeOver;
        }

        if (_unreported.Remove(life))
        {
            account = OpenAccount(life, now);
            account.Stored = true;
            if (!Recovering)
            {
                NotifyAll();
            }

            return LedgerStatus.None;
        }

        // Permits that no stored life holds: a life that was given up and forgotten.
        if (report.Held.Length > 0 || report.HandOvers is { Length: > 0 })
        {
            return LedgerStatus.LifeOver;
        }

        if (_accounts.Count >= _options.MaxHolders)
        {
            return LedgerStatus.TooManyHolders;
        }

        OpenAccount(life, now);
        _stateChanged = true;
        return LedgerStatus.Registering;
    }

    private HolderAccount OpenAccount(StoredLife life, long now)
    {
        var account = new HolderAccount(life);
        _accounts.Add(life, account);
        NoteLife(life);
        Renew(account, now);
        return account;
    }
}
