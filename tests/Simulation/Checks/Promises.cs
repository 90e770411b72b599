namespace Admission.Simulation;

/// <summary>
/// What must hold, asked at every step that can break it. Work inside the backend is checked whenever some begins (<see cref="LimitCheck"/>); the
/// strict forms of promises 3, 4 and 5 in calm runs, against <see cref="CalmBooks"/>.
/// </summary>
internal sealed class Promises
{
    /// <summary>So many clients must have left before anybody is refused because they do.</summary>
    private const int LeastDepartures = 2;

    /// <summary>By a notice that has ended, for each reason.</summary>
    private const int MostAfterNotice = 7;

    private readonly World _world;
    private readonly CalmBooks? _calm;
    private readonly RuleCheck _rules;
    private readonly long[] _saturatedUntil;
    private readonly long[] _lateUntil;

    /// <summary>Refusals by the notice that each holder was told last, after its end.</summary>
    private readonly Dictionary<(int Holder, RefusalReason Reason), int> _afterEnd = [];

    /// <summary>The last ticket that a report of each holder has carried: from then on the ledger decides it, and not a notice.</summary>
    private readonly long[] _lastReported;
    private readonly Dictionary<(int Activation, StoredLife Life), long> _lastDecision = [];
    private readonly int _describeEvery;
    private long _calls;

    public Promises(World world)
    {
        _world = world;
        _rules = new RuleCheck(world);
        Health = new HealthCheck(world);
        _calm = world.Scenario.IsCalm ? new CalmBooks(world) : null;
        _saturatedUntil = new long[world.Scenario.Holders];
        Array.Fill(_saturatedUntil, long.MinValue);
        _lateUntil = [.. _saturatedUntil];
        _lastReported = new long[world.Scenario.Holders];
        _describeEvery = world.Scenario.Policy.Adaptive is not null ? 1 : world.Scenario.Holders > 20 ? 64 : 8;
    }

    public HealthCheck Health { get; }

    private int MostTickets => _world.Policies.MostLimit + _world.Policies.MostWaiting;

    /// <summary>Tickets that a pool may have: as many again where some of them may displace others.</summary>
    private int MostInPool => (_world.Scenario.PriorityCount > 1 || _world.Scenario.TenantCount > 0 ? 2 : 1) * MostTickets;

    public static bool IsWantOfCapacity(RefusalReason reason) =>
        reason is RefusalReason.AtCapacity or RefusalReason.QueueFull or RefusalReason.Displaced or RefusalReason.TenantShare;

    public void HolderEnded(Holder holder)
    {
        _saturatedUntil[holder.Index] = _lateUntil[holder.Index] = long.MinValue;
        ForgetEnd(holder);
        _lastReported[holder.Index] = 0;
    }

    /// <summary>A pool's counts were read after a call.</summary>
    public void Observed(Holder holder)
    {
        _world.Limits.CheckUsable();
        if (holder.Waiting.Count > MostInPool)
        {
            throw _world.Broken("P6", $"{holder.Waiting.Count} requests wait at {holder.Id}; a limit of {_world.Policies.MostLimit} with a queue of {_world.Policies.MostWaiting} is the most there was.");
        }

        _calm?.Observed(holder);
    }

    public void ReportSent(Holder holder, HolderReport report)
    {
        foreach (var ticket in report.Tickets)
        {
            _lastReported[holder.Index] = Math.Max(_lastReported[holder.Index], ticket.Id);
        }

        if (report.HandOvers?.Length > _world.Policies.MostLimit)
        {
            throw _world.Broken("P6", $"{holder.Id} hands over {report.HandOvers.Length} leases; {_world.Policies.MostLimit} is the most permits there were.");
        }

        if (report.Tickets.Length > Math.Min(1000, MostInPool) || report.Withdrawn.Length > 1000 || report.Held.Length > LimitCheck.Destinations
            || report.TenantClients?.Length > TenantClients.Most)
        {
            throw _world.Broken("P6", $"{holder.Id} reports {report.Tickets.Length} tickets, {report.Withdrawn.Length} withdrawals, {report.Held.Length} destinations.");
        }
    }

    /// <summary>A request found an idle permit.</summary>
    public void AdmittedAtOnce(Holder holder, SimRequest request)
    {
        if (holder.IsLeaving)
        {
            throw _world.Broken("P2", $"{holder.Id} is leaving and admitted a request.");
        }

        if (_world.Scenario.CapOf(request.Asked.Tenant) is not null)
        {
            throw _world.Broken("Cap", $"{holder.Id} admitted a request of '{request.Asked.Tenant}', which has a cap, without asking.");
        }

        _calm?.AdmittedFromIdle(holder, request);
    }

    /// <summary>A waiting request was admitted. Within a pool, a priority and a tenant nobody may be overtaken, whatever goes wrong.</summary>
    public void AdmittedAfterWaiting(Holder holder, SimRequest request)
    {
        foreach (var other in holder.Waiting)
        {
            if (holder.Policy.Discipline != QueueDiscipline.AdaptiveLifo && other.Ticket < request.Ticket
                && other.Asked.Priority == request.Asked.Priority && other.Asked.Tenant == request.Asked.Tenant && !HasWaited(holder, other))
            {
                throw _world.Broken("P4", $"ticket {request.Ticket} of {holder.Id} was admitted before ticket {other.Ticket} of the same priority and tenant.");
            }
        }

        _calm?.AdmittedAfterWaiting(holder, request);
    }

    /// <summary>Whether a refusal's reason is true.</summary>
    public void Refused(Holder holder, SimRequest request, Refusal refusal, bool atOnce)
    {
        _world.Trace.Add(_world.Now, "refused", holder.Index, request.Ticket, refusal);
        if (request.IsNudge)
        {
            return;
        }

        if (request.IsProbe)
        {
            throw _world.Broken("P2", $"after a quiet time {holder.Id} refused a request ({refusal.Reason}) although permits are free.");
        }

        _calm?.Refused(holder, request, refusal, atOnce);

        // A notice refuses those that come while it holds, and those that wait when it comes and that no report has carried yet.
        var byNotice = atOnce || request.Ticket > _lastReported[holder.Index];
        var legitimate = refusal.Reason switch
        {
            var reason when IsWantOfCapacity(reason) => !byNotice
                ? _calm?.WasRefused(holder, request) ?? true
                : (RefusesInTime(holder, reason, atOnce) && (_calm?.WasTold(holder, request) ?? true))
                    || (atOnce && holder.Waiting.Count >= Math.Min(MostTickets, holder.Policy.TotalLimit + holder.Policy.Waiting)),
            RefusalReason.TenantCap => _world.Scenario.CapOf(request.Asked.Tenant) is not null
                && (byNotice ? RefusesInTime(holder, refusal.Reason, atOnce) : _calm?.WasRefused(holder, request) ?? true),
            RefusalReason.NoDestination => _world.Scenario.DestinationFails > 0 && (!byNotice || RefusesInTime(holder, refusal.Reason, atOnce)),
            RefusalReason.WaitExpired => HasWaited(holder, request),
            RefusalReason.WeightAboveLimit => request.Asked.Weight > _world.Policies.LeastGrant,
            RefusalReason.DeadlineUnreachable => holder.Policy.Overflow == Overflow.Wait && (!byNotice || WasToldLate(holder, request, refusal.Reason)),
            RefusalReason.TooLate => holder.Policy.LearnsPatience && _world.Departures >= LeastDepartures && (!byNotice || WasToldLate(holder, request, refusal.Reason)),
            RefusalReason.QueueDelay => holder.Policy.Discipline == QueueDiscipline.CoDel && !atOnce,
            RefusalReason.ShuttingDown => holder.IsLeaving,
            RefusalReason.Recovering => _calm is null || _world.Scenario.StartsWithoutPolicy,
            RefusalReason.LedgerUnreachable => _calm is null || _world.Scenario.StartsWithoutPolicy
                || (holder.Pool.LedgerStatus == LedgerStatus.None && HasWaited(holder, request)),
            _ => false,
        };
        if (!legitimate)
        {
            throw _world.Broken("P3", $"ticket {request.Ticket} of {holder.Id} was refused {(atOnce ? "at once" : "after waiting")} with {refusal.Reason}, which is not true.");
        }
    }

    /// <summary>A message is about to reach a pool.</summary>
    public void Delivering(Holder holder, LedgerMessage message)
    {
        // A failover is no outage: who has a lease keeps its life, and so what it has in flight.
        if (message.Status == LedgerStatus.LifeOver && message.Incarnation == holder.Pool.Life.Incarnation && message.Epoch == holder.Pool.Epoch
            && holder.Pool.HasLease && !holder.IsLeaving)
        {
            throw _world.Broken("Lease", $"{holder.Id} is told that its life {message.Incarnation} is over, and its lease is valid.");
        }

        Health.Delivering(holder, message);
        if (message.SaturatedFor > TimeSpan.Zero)
        {
            ForgetEnd(holder);
        }

        if (_calm is not null)
        {
            _calm.Delivering(holder, message, ref _saturatedUntil[holder.Index], ref _lateUntil[holder.Index]);
        }
        else
        {
            if (message.SaturatedFor > TimeSpan.Zero)
            {
                _saturatedUntil[holder.Index] = Math.Max(_saturatedUntil[holder.Index], _world.Now + (long)(message.SaturatedFor.Ticks * 1.01));
            }

            if (message.Late is not null)
            {
                _lateUntil[holder.Index] = Math.Max(_lateUntil[holder.Index], _world.Now + (long)(message.LateFor.Ticks * 1.01));
            }
        }
    }

    /// <summary>Promise 7 at a pool: the message that was just applied is applied again.</summary>
    public void DeliverAgain(Holder holder, LedgerMessage message)
    {
        var pool = holder.Pool;
        var before = (pool.InUse, pool.Idle, pool.Waiting, pool.Epoch, pool.Life.Incarnation);
        if (message.Epoch == before.Epoch && message.AcknowledgedReport == 0)
        {
            // It was adopted, and no more; now it counts.
            return;
        }

        var effects = pool.Receive(message);
        var after = (pool.InUse, pool.Idle, pool.Waiting, pool.Epoch, pool.Life.Incarnation);
        if (before != after || effects.Decided is not null || effects.HasLeases)
        {
            throw _world.Broken("P7", $"a repeated message changed {holder.Id} from {before} to {after} (in use, idle, waiting, epoch, life).");
        }

        holder.Follow(effects);
    }

    /// <summary>Promise 7 at a ledger: the report that was just booked is received again.</summary>
    public void ReceiveAgain(Activation activation, HolderReport report)
    {
        // What has run out at this very instant ends first, or the repetition would seem to end it.
        activation.Ledger!.Tick();
        var before = activation.Ledger.Describe();
        activation.Ledger.Receive(report);
        var after = activation.Ledger.Describe();
        if (before.Occupancy.Queued != after.Occupancy.Queued || before.Quarantined != after.Quarantined || before.Leases != after.Leases || before.Leased != after.Leased
            || !before.Holders.AsSpan().SequenceEqual(after.Holders) || !before.Destinations.AsSpan().SequenceEqual(after.Destinations))
        {
            throw _world.Broken("P7", $"a repeated report of {report.Holder} changed the books.");
        }
    }

    /// <summary>A ledger has taken leases back from their holders.</summary>
    public void LeasesReleased(int permits) => _calm?.LeasesReleased(permits);

    public void Received(HolderReport report, LedgerMessage reply) => _calm?.Received(report, reply);

    /// <summary>A message leaves a ledger.</summary>
    public void Sent(Activation activation, int holder, LedgerMessage message)
    {
        _world.Trace.Add(_world.Now, "message sent", activation.Index, holder, message);
        _world.Limits.Sent(activation, message.Status);
        _rules.Sent(activation, message);
        Health.Sent(activation, message);
        if (message.Decisions.Length > 4 * MostTickets)
        {
            throw _world.Broken("P6", $"a message to {message.Holder} carries {message.Decisions.Length} decisions.");
        }

        if (_calm is not null)
        {
            _calm.Sent(holder, message);
        }
        else if (message.Decisions.Length > 0)
        {
            CheckRefusals(activation, message);
        }
    }

    public void EpochClaimed(long claimed, long highest, long recorded) => _rules.EpochClaimed(claimed, highest, recorded);

    public void EpochBegins(long epoch, long former) => _rules.EpochBegins(epoch, former);

    public void LedgerBegins(Activation activation) => _rules.LedgerBegins(activation);

    public void PolicyInForce(Activation activation) => _world.Limits.PolicyInForce(activation);

    /// <summary>After every call of a ledger; its books are described now and then.</summary>
    public void LedgerCalled(Activation activation)
    {
        _calm?.LedgerCalled(activation);
        Health.LedgerCalled(activation);
        if (++_calls % _describeEvery == 0 || (_world.Limits.IsLowering && _calls % 2 == 0))
        {
            CheckBooks(activation);
        }
    }

    public void CheckBooks(Activation activation)
    {
        var books = activation.Ledger!.Describe();
        try
        {
            LedgerInvariants.Check(books);
        }
        catch (InvalidOperationException wrong)
        {
            throw _world.Broken("Books", wrong.Message);
        }

        _world.Limits.Tighten(activation, books);
        if (books.Occupancy.Queued > _world.Policies.MostWaiting + (2 * _world.Policies.MostLimit))
        {
            throw _world.Broken("P6", $"{books.Occupancy.Queued} tickets are queued, the capacity is {_world.Policies.MostWaiting}, the limit {_world.Policies.MostLimit}.");
        }
    }

    /// <summary>What no event asks: things that go on for too long.</summary>
    public void Sweep() => _calm?.Sweep();

    /// <summary>
    /// A notice refuses to its end. After it a pool whose owner's timer is late refuses <see cref="MostAfterNotice"/> at most for each reason, and only those that come.
    /// </summary>
    private bool RefusesInTime(Holder holder, RefusalReason reason, bool atOnce)
    {
        if (_world.Now <= _saturatedUntil[holder.Index])
        {
            return true;
        }

        var after = _afterEnd[(holder.Index, reason)] = _afterEnd.GetValueOrDefault((holder.Index, reason)) + 1;
        return atOnce && _saturatedUntil[holder.Index] != long.MinValue && after <= MostAfterNotice;
    }

    private void ForgetEnd(Holder holder)
    {
        foreach (var reason in Enum.GetValues<RefusalReason>())
        {
            _afterEnd.Remove((holder.Index, reason));
        }
    }

    private bool WasToldLate(Holder holder, SimRequest request, RefusalReason reason) =>
        _world.Now <= _lateUntil[holder.Index] && (_calm?.WasToldLate(holder, request, reason) ?? true);

    /// <summary>A request has waited as long as it may, by clocks that differ.</summary>
    private bool HasWaited(Holder holder, SimRequest request)
    {
        var most = holder.Policy.Overflow == Overflow.Wait ? holder.Policy.MaxWait.Ticks : 2 * Timeline.Second;
        var wait = Math.Min(most, request.Asked.MaxWait?.Ticks ?? long.MaxValue);
        return _world.Now - request.ArrivedAt >= (0.985 * wait) - (4 * Timeline.Millisecond);
    }

    /// <summary>With faults, what counts as taken is what the ledger has booked.</summary>
    private void CheckRefusals(Activation activation, LedgerMessage message)
    {
        var life = (activation.Index, new StoredLife(message.Holder, message.Incarnation));
        var last = _lastDecision.GetValueOrDefault(life);
        var refused = false;
        foreach (ref readonly var decision in message.Decisions.AsSpan())
        {
            if (decision.Sequence > last)
            {
                last = decision.Sequence;
                refused |= decision.Refusal is { } refusal && IsWantOfCapacity(refusal.Reason);
            }
        }

        _lastDecision[life] = last;
        if (!refused)
        {
            return;
        }

        var books = activation.Ledger!.Describe();
        var heaviest = _world.Scenario.HeaviestRequest;
        var booked = 0;
        var limit = Math.Min(LimitCheck.InForce(activation.Ledger, _world.PolicyInTruth(books.Policy)!), books.Destinations.Sum(destination => destination.Open));
        foreach (var destination in books.Destinations)
        {
            // What a destination has beyond its limit, and what is too little for the heaviest request, nobody can use.
            booked += destination.Booked + (heaviest - 1);
        }

        if (booked + (heaviest * (books.Occupancy.Queued + 1)) <= limit)
        {
            throw _world.Broken("P3", $"a ticket of {message.Holder} was refused for want of capacity, but only {booked} of {limit} permits are booked and {books.Occupancy.Queued} tickets wait.");
        }
    }
}
