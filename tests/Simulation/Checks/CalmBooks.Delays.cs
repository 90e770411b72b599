namespace Admission.Simulation;

/// <content>
/// As <i>Delay</i>: who is refused because the queue has been slow for so long (CoDel) had waited for the target, was not the last, and for an interval before nobody was served who had waited less.
/// </content>
internal sealed partial class CalmBooks
{
    /// <summary>By so much a ledger's clock may differ from true time.</summary>
    private const double ClockError = 0.005;

    /// <summary>Instants are rounded to ticks.</summary>
    private const long Rounding = 10;

    private readonly List<Ticket> _cut = [];
    private readonly List<Ticket> _trials = [];

    /// <summary>Since when nobody was served who had surely waited less than the target, and the queue was not emptied: when the first was served who had waited. Null when nobody was yet.</summary>
    private long? _slowSince;

    /// <summary>Takes note of tickets whose turn has come and that are not served as others are.</summary>
    private void NoteTurn(Account account, in Decision decision)
    {
        if (!account.Tickets.TryGetValue(decision.Ticket, out var ticket))
        {
            return;
        }

        if (ticket.Reason == RefusalReason.QueueDelay)
        {
            _cut.Add(ticket);
        }
        else if (decision.Trial != 0)
        {
            _trials.Add(ticket);
        }
    }

    /// <summary>After a call of the ledger. All of it is at one instant, so whom it serves is no reason for whom it cuts.</summary>
    private void CheckDelays(BackendPolicy policy)
    {
        if (_world.Scenario.ChecksDelays)
        {
            foreach (var ticket in _cut)
            {
                CheckCut(policy, ticket);
            }

            // A trial is no turn, so it neither ends the slow time nor shows that nobody else waited.
            var isEmptied = _queued == 0 && _granted.Count > 0 && _trials.Count == 0 && _refused.Count + _dropped == 0;
            if (isEmptied || _granted.Exists(ticket => IsFast(policy, ticket) && !_trials.Contains(ticket)))
            {
                _slowSince = null;
            }

            if (!isEmptied && _granted.Exists(ticket => !IsFast(policy, ticket)))
            {
                _slowSince ??= _world.Now;
            }
        }

        _cut.Clear();
        _trials.Clear();
    }

    private void CheckCut(BackendPolicy policy, Ticket ticket)
    {
        var waited = TimeSpan.FromTicks(_world.Now - ticket.Since);
        if (IsFast(policy, ticket))
        {
            throw _world.Broken("Delay", $"ticket {ticket.Id} was refused with {ticket.Reason}, and had waited only {waited.TotalMilliseconds:F1} ms; the target is {policy.DelayTarget.TotalMilliseconds:F1} ms.");
        }

        if (_queued + _granted.Count + _refused.Count + _dropped <= 1)
        {
            throw _world.Broken("Delay", $"ticket {ticket.Id} was refused with {ticket.Reason}, and nobody else waited.");
        }

        if (_slowSince is not { } since || _world.Now - since < (policy.DelayInterval.Ticks * (1 - ClockError)) - Rounding)
        {
            var slow = TimeSpan.FromTicks(_world.Now - (_slowSince ?? _world.Now));
            throw _world.Broken("Delay", $"ticket {ticket.Id} was refused with {ticket.Reason}, but the queue has been slow for {slow.TotalMilliseconds:F1} ms; the interval is {policy.DelayInterval.TotalMilliseconds:F1} ms.");
        }
    }

    /// <summary>Whether a ticket has surely waited less than the target, by its ledger's clock too.</summary>
    private bool IsFast(BackendPolicy policy, Ticket ticket) => ((_world.Now - ticket.Since) * (1 + ClockError)) + Rounding < policy.DelayTarget.Ticks;
}
