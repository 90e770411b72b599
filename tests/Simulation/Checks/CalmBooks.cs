namespace Admission.Simulation;

/// <summary>
/// The ledger's books, kept a second time from its messages alone, in runs without faults: one ledger, one life for each holder. Against them the
/// strict forms of promises 3, 4 and 5 are checked.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>3: a ticket is refused for want of capacity only when the queue is full and the permits that are free or idle, as last reported, go to tickets
/// before it. A local refusal needs a notice that is valid and not taken back, and the notice itself is held to the same rule; so is a notice that arrivals would be too late (<c>.Late</c>).</item>
/// <item>4: the order is <see cref="CalmOrder"/>'s. A pool that was told that tickets wait admits nothing from its idle permits.</item>
/// <item>5: no permit is free at the ledger while the first ticket fits, whichever of those that may be first it is, not for one call. No pool keeps one idle longer than a recall takes while tickets
/// wait. No request waits longer than two exchanges take before the ledger knows of it.</item>
/// </list>
/// </remarks>
internal sealed partial class CalmBooks
{
    private readonly World _world;
    private readonly Account[] _accounts;
    private readonly CalmOrder _order;
    private readonly CalmCaps _caps;
    private readonly CalmExplanations? _explanations;
    private readonly List<Ticket> _granted = [];
    private readonly List<Ticket> _refused = [];
    private readonly long _recallTime;
    private SaturationScope? _notified;
    private int _dropped;
    private long _arrivals;
    private int _booked;
    private int _idle;
    private int _queued;
    private int _queuedWeight;
    private long _queuedSince = long.MaxValue;

    public CalmBooks(World world)
    {
        _world = world;
        _order = new CalmOrder(world);
        _caps = new CalmCaps(world);
        _explanations = world.Scenario.ChecksExplanations ? new CalmExplanations(world, (holder, ticket) => _accounts![holder].Tickets.GetValueOrDefault(ticket), _order) : null;
        _accounts = new Account[world.Scenario.Holders];
        for (var i = 0; i < _accounts.Length; i++)
        {
            _accounts[i] = new Account();
        }

        // There and back for the exchange under way and for the next one, writes included, and the push.
        _recallTime = (8 * world.Scenario.CalmDelay) + (20 * Timeline.Millisecond);
    }

    public void Observed(Holder holder)
    {
        var account = _accounts[holder.Index];
        if (holder.Idle == 0)
        {
            account.IdleSince = long.MaxValue;
        }
        else if (account.IdleSince == long.MaxValue)
        {
            account.IdleSince = _world.Now;
        }
    }

    public void Sweep()
    {
        if (_queuedSince != long.MaxValue)
        {
            foreach (var holder in _world.Holders)
            {
                var since = Math.Max(_accounts[holder.Index].IdleSince, _queuedSince);
                if (since != long.MaxValue && _world.Now - since > _recallTime)
                {
                    throw _world.Broken("P5", $"{holder.Id} has {holder.Idle} idle permits for {(_world.Now - since) / Timeline.Millisecond} ms while tickets wait.");
                }
            }
        }

        foreach (var holder in _world.Holders)
        {
            if (holder.Waiting.Count > 0 && holder.Waiting[^1] is { } last && last.Ticket > _accounts[holder.Index].LastTicket
                && _world.Now - last.ArrivedAt > _recallTime && !_world.Scenario.StartsWithoutPolicy)
            {
                throw _world.Broken("P5", $"the ledger does not know ticket {last.Ticket} of {holder.Id} after {(_world.Now - last.ArrivedAt) / Timeline.Millisecond} ms.");
            }
        }
    }

    public void Delivering(Holder holder, LedgerMessage message, ref long saturatedUntil, ref long lateUntil)
    {
        var account = _accounts[holder.Index];
        if (message.Sequence > account.DeliveredMessage && message.Incarnation == holder.Pool.Life.Incarnation && message.Epoch == holder.Pool.Epoch)
        {
            account.DeliveredMessage = message.Sequence;
            account.ToldContended = message.Contended;
            account.Scope = message.SaturationScope;
            (account.Late, account.LateSince) = (message.Late ?? [], _world.Now);
            lateUntil = message.Late is null ? long.MinValue : _world.Now + (long)(message.LateFor.Ticks * 1.005) + 1;
            saturatedUntil = message.SaturatedFor > TimeSpan.Zero ? _world.Now + (long)(message.SaturatedFor.Ticks * 1.005) + 1 : long.MinValue;
        }
    }

    public void AdmittedFromIdle(Holder holder, SimRequest request)
    {
        if (_accounts[holder.Index].ToldContended)
        {
            throw _world.Broken("P4", $"{holder.Id} knows that tickets wait, and admitted a later request (arrived {request.ArrivedAt}) from an idle permit.");
        }
    }

    public void AdmittedAfterWaiting(Holder holder, SimRequest request)
    {
        var account = _accounts[holder.Index];
        if (account.ToldContended && (!account.Tickets.TryGetValue(request.Ticket, out var ticket) || ticket.State != TicketState.Granted))
        {
            throw _world.Broken("P4", $"{holder.Id} knows that tickets wait, and served its ticket {request.Ticket} itself.");
        }
    }

    /// <summary>Whether the ledger has refused a request for want of capacity.</summary>
    public bool WasRefused(Holder holder, SimRequest request) =>
        _accounts[holder.Index].Tickets.TryGetValue(request.Ticket, out var ticket) && ticket.State == TicketState.Refused;

    /// <summary>Whether the notice that a pool was told last holds for a request.</summary>
    public bool WasTold(Holder holder, SimRequest request)
    {
        var scope = _accounts[holder.Index].Scope;
        return request.Asked.Priority > scope.Above || (request.Asked.Priority == scope.Level && (request.Asked.Tenant ?? "") == (scope.Tenant ?? ""));
    }

    public void Received(HolderReport report, LedgerMessage reply)
    {
        var account = _accounts[_world.HolderOf(report.Holder).Index];
        if (reply.Sequence == 0 || (report.Incarnation == account.Life && report.Sequence <= account.Report))
        {
            return;
        }

        if (report.Incarnation != account.Life)
        {
            Reset(account, report.Incarnation);
        }

        account.Report = report.Sequence;
        _explanations?.Booked(report);
        Unbook(account);
        while (account.Unacknowledged.TryPeek(out var decision) && decision.Sequence <= report.AppliedDecision)
        {
            account.Unacknowledged.Dequeue();
            if (decision.Ticket != 0)
            {
                account.Granted -= decision.Permits;
            }
            else
            {
                account.Blocks -= decision.Permits;
            }

            account.Forget(decision);
        }

        account.Held = account.InUse = 0;
        account.Reported = report.Held;
        foreach (var held in report.Held)
        {
            account.Held += held.Held;
            account.InUse += held.InUse;
        }

        account.TenantsInUse = report.Tenants ?? [];
        Book(account);
        TakeHandOvers(account, report);
        TakeTickets(account, report);
    }

    public void Sent(int holder, LedgerMessage message)
    {
        var account = _accounts[holder];
        if (message.Sequence == 0 || message.Incarnation != account.Life)
        {
            return;
        }

        _notified = message.SaturatedFor > TimeSpan.Zero && !message.NoDestination ? message.SaturationScope : _notified;
        _toldNoDestination |= message.NoDestination;
        _notifiedLate.AddRange(message.Late ?? []);
        Unbook(account);
        foreach (ref readonly var decision in message.Decisions.AsSpan())
        {
            if (decision.Sequence > account.LastDecision)
            {
                account.LastDecision = decision.Sequence;
                Take(account, decision);
                Explain(holder, account, decision);
            }
        }

        Book(account);
    }

    public void LedgerCalled(Activation activation)
    {
        var ledger = activation.Ledger!;
        if (_world.PolicyInTruth(ledger.Policy) is not { } policy)
        {
            return;
        }

        var limit = LimitCheck.InForce(ledger, policy);
        _order.Check(policy, _granted, _refused, _caps.Blocks);
        _caps.Check(_order);
        var usable = Usable(ledger, limit);
        foreach (var ticket in _refused)
        {
            // Tickets that the same report brought and that then could not be served in time were in the queue when it was full, and so were
            // those behind them that were then served; so were light ones that got what a heavy one left free which was refused.
            var then = _queued + _dropped + (_dropped > 0 || _world.Scenario.HeaviestRequest > 1 ? _granted.Count : 0);
            if (then < policy.Waiting || usable >= _queuedWeight + ticket.Weight + Fragments(policy))
            {
                throw _world.Broken("P3", $"ticket {ticket.Id} was refused for want of capacity, but of {limit} permits {limit - _booked} are free, {_idle} idle, and {_queued} of {policy.Waiting} tickets with weight {_queuedWeight} wait.");
            }
        }

        if (_notified is { } scope && policy.Waiting > 0)
        {
            _order.CheckScope(policy, scope);
        }

        if (_notified is not null && (_queued < policy.Waiting || usable > _queuedWeight + Fragments(policy)))
        {
            throw _world.Broken("P3", $"a saturation notice was sent, but of {limit} permits {limit - _booked} are free, {_idle} idle, and {_queued} of {policy.Waiting} tickets with weight {_queuedWeight} wait.");
        }

        CheckUnplaced(ledger);
        CheckLate(ledger, usable);
        CheckTooLate(ledger, policy);
        CheckDelays(policy);
        _explanations?.LedgerCalled(ledger, _queued);
        _notified = null;
        _dropped = 0;
        _granted.Clear();
        _refused.Clear();
        if (_queued > 0 && _booked < limit)
        {
            CheckFree(ledger, limit);
        }

        _queuedSince = _order.MayBeNext(_caps.Blocks).Any() ? Math.Min(_queuedSince, _world.Now) : long.MaxValue;
    }

    private void Take(Account account, in Decision decision)
    {
        if (decision.Kind == DecisionKind.Grant)
        {
            account.Unacknowledged.Enqueue(decision);
            if (decision.Ticket != 0)
            {
                account.Granted += decision.Permits;
            }
            else
            {
                account.Blocks += decision.Permits;
            }
        }

        if (decision.Ticket == 0 || !account.Tickets.TryGetValue(decision.Ticket, out var ticket))
        {
            return;
        }

        if (ticket.State == TicketState.Queued)
        {
            Dequeue(ticket);
        }

        ticket.Reason = decision.Refusal?.Reason ?? RefusalReason.None;
        if (decision.Kind == DecisionKind.Refuse)
        {
            _caps.Refused(ticket);
        }

        if (decision.Kind == DecisionKind.Grant)
        {
            ticket.State = TicketState.Granted;
            _granted.Add(ticket);
            _caps.Granted(account, ticket);
        }
        else if (Promises.IsWantOfCapacity(ticket.Reason))
        {
            ticket.State = TicketState.Refused;
            _refused.Add(ticket);
        }
        else if (ticket.Reason == RefusalReason.TenantCap)
        {
            ticket.State = TicketState.Refused;
            _dropped++;
        }
        else
        {
            _dropped++;
            if (ticket.Reason == RefusalReason.NoDestination)
            {
                _unplaced.Add(ticket);
            }
        }
    }

    private void TakeTickets(Account account, HolderReport report)
    {
        foreach (var request in report.Tickets)
        {
            if (request.Id <= account.LastTicket)
            {
                continue;
            }

            account.LastTicket = request.Id;
            var ticket = new Ticket(request.Id, request.Weight, request.Priority, request.Tenant ?? "", ++_arrivals) { Since = _world.Now - request.Waited.Ticks };
            account.Tickets.Add(request.Id, ticket);
            _order.Queued(ticket);
            _queued++;
            _queuedWeight += ticket.Weight;
        }

        foreach (var id in report.Withdrawn)
        {
            if (account.Tickets.TryGetValue(id, out var ticket) && ticket.State == TicketState.Queued)
            {
                Dequeue(ticket);
                _explanations?.Gone(report.Holder, id);
            }
        }
    }

    private void CheckFree(CapacityLedger ledger, int limit)
    {
        // The newest may be too heavy where the first is not.
        if (_world.Scenario.HeaviestRequest > 1 && _world.Scenario.Policy.Discipline == QueueDiscipline.AdaptiveLifo)
        {
            return;
        }

        // Which of them is first depends on what each tenant and priority was granted; if all of them fit, the first does.
        var heaviest = 0;
        foreach (var ticket in _order.MayBeNext(_caps.Blocks))
        {
            heaviest = Math.Max(heaviest, ticket.Weight);
        }

        foreach (var destination in ledger.Describe().Destinations)
        {
            if (heaviest > 0 && destination.Open - destination.Booked >= heaviest && limit - _booked >= heaviest)
            {
                throw _world.Broken("P5", $"{destination.Open - destination.Booked} permits are free at '{destination.Destination}', and the first ticket with weight {heaviest} or less waits.");
            }
        }
    }

    /// <summary>A pool that was quiet for long begins a new life; its former one had nothing.</summary>
    private void Reset(Account account, long life)
    {
        Unbook(account);
        foreach (var ticket in account.Tickets.Values)
        {
            if (ticket.State == TicketState.Queued)
            {
                Dequeue(ticket);
            }
        }

        account.Tickets.Clear();
        account.Unacknowledged.Clear();
        account.Held = account.InUse = account.Granted = account.Blocks = 0;
        account.TenantsInUse = [];
        account.TenantGrants.Clear();
        account.Reported = [];
        account.LastTicket = account.LastDecision = account.DeliveredMessage = account.LastHandOver = 0;
        account.Life = life;
        Book(account);
    }

    private void Unbook(Account account)
    {
        _caps.Book(account, -1);
        _booked -= account.Held + account.Granted + account.Blocks;
        _idle -= account.Held - account.InUse + account.Blocks;
    }

    private void Book(Account account)
    {
        _caps.Book(account, 1);
        _booked += account.Held + account.Granted + account.Blocks;
        _idle += account.Held - account.InUse + account.Blocks;
    }
}
