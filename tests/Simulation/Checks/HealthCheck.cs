namespace Admission.Simulation;

/// <summary>What must hold of destinations that fail, in runs where some do.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>Trial: of the requests that pools have sent to a destination after they heard that it is withheld, on no earlier grant, at most one is in the backend, over all holders. (For one ledger and those
/// that it handed over to; a crashed ledger's successor knows nothing of it.)</item>
/// <item>Withheld, calm: no new grant names a withheld destination, but that of its trial. Nothing is sent to a destination that has long refused all connections, but trials. None is withheld while somebody is served there.</item>
/// <item>Slow start: a destination comes back only through it, what may be granted there is never above its step by true time, and no grant brings what is booked above that.</item>
/// </list>
/// That all destinations are back in service is part of the quiet tail.
/// </remarks>
internal sealed class HealthCheck(World world)
{
    private readonly Dictionary<long, int> _lineages = [];
    private readonly HashSet<string>[] _heard = [.. Enumerable.Range(0, world.Scenario.Holders).Select(_ => new HashSet<string>())];
    private readonly (long Life, long Epoch, long Message)[] _heardIn = new (long, long, long)[world.Scenario.Holders];
    private readonly Dictionary<(int Lineage, int Destination), int> _trials = [];
    private readonly Dictionary<(int Activation, StoredLife Life), long> _lastDecision = [];
    private readonly Dictionary<(int Activation, string Destination), Known> _known = [];
    private readonly int[] _failures = new int[LimitCheck.Destinations];
    private readonly long[] _failedEnough = [.. Enumerable.Repeat(long.MaxValue, LimitCheck.Destinations)];
    private readonly HashSet<(int Holder, long Life, long Ticket)> _granted = [];
    private readonly Dictionary<(int Holder, int Destination), Queue<long>> _served = [];
    private readonly HashSet<(int Holder, int Destination)> _asked = [];
    private int _lineage;

    private bool Looks => world.Scenario.DestinationFails > 0;

    public void LedgerBegins(Activation activation, bool handedOver)
    {
        _lineage += handedOver ? 0 : 1;
        _lineages[activation.Epoch] = _lineage;
    }

    /// <summary>A message is about to reach a pool: from then on it knows what is withheld.</summary>
    public void Delivering(Holder holder, LedgerMessage message)
    {
        var pool = holder.Pool;
        var known = _heardIn[holder.Index];
        var life = pool.Life.Incarnation;
        if (!Looks || message.Sequence == 0 || message.Incarnation != life || message.Epoch != pool.Epoch
            || (known.Life == life && known.Epoch == message.Epoch && message.Sequence <= known.Message))
        {
            return;
        }

        _heardIn[holder.Index] = (life, message.Epoch, message.Sequence);
        _heard[holder.Index] = [.. message.Withheld];
        foreach (var watched in message.Watched)
        {
            _asked.Add((holder.Index, LimitCheck.IndexOf(watched)));
        }

        foreach (ref readonly var decision in message.Decisions.AsSpan())
        {
            if (decision is { Kind: DecisionKind.Grant, Ticket: not 0, Trial: 0 })
            {
                _granted.Add((holder.Index, life, decision.Ticket));
            }
        }
    }

    public void Enter(Work work)
    {
        if (!Looks)
        {
            return;
        }

        var holder = world.Holders[work.Holder];
        var (life, epoch, _) = _heardIn[work.Holder];
        if (_granted.Remove((work.Holder, life, work.Ticket)))
        {
            // Granted before it was withheld.
        }
        else if (life == holder.Pool.Life.Incarnation && _heard[work.Holder].Contains(LimitCheck.NameOf(work.Destination)) && _lineages.TryGetValue(epoch, out var lineage))
        {
            work.Trial = lineage;
            var trials = _trials[(lineage, work.Destination)] = _trials.GetValueOrDefault((lineage, work.Destination)) + 1;
            if (trials > 1)
            {
                throw world.Broken("Trial", $"{holder.Id} has sent a request to '{LimitCheck.NameOf(work.Destination)}', which it knows is withheld, while {trials - 1} are on their way there.");
            }
        }
        else if (world.Scenario.IsCalm && _failedEnough[work.Destination] != long.MaxValue)
        {
            CheckFailing(work.Destination, holder);
        }
    }

    public void Leave(Work work)
    {
        if (work.Trial != 0)
        {
            _trials[(work.Trial, work.Destination)]--;
        }
    }

    /// <summary>A pool is told how work ended.</summary>
    public void Ended(Work work)
    {
        if (!Looks)
        {
            return;
        }

        NoteServed(work);
        if (work.Outcome == RunOutcome.Served)
        {
            _failures[work.Destination] = 0;
            _failedEnough[work.Destination] = long.MaxValue;
        }
        else if (work is { Outcome: RunOutcome.ConnectFailed, Trial: 0 } && ++_failures[work.Destination] == world.Policies.Wanted.Ejection.Failures)
        {
            _failedEnough[work.Destination] = world.Now;
        }
    }

    public void Sent(Activation activation, LedgerMessage message)
    {
        if (!Looks || !world.Scenario.IsCalm || message.Decisions.Length == 0)
        {
            return;
        }

        var life = (activation.Index, new StoredLife(message.Holder, message.Incarnation));
        var last = _lastDecision.GetValueOrDefault(life);
        BackendDescription? books = null;
        foreach (ref readonly var decision in message.Decisions.AsSpan())
        {
            if (decision.Sequence <= last)
            {
                continue;
            }

            last = decision.Sequence;
            if (decision.Kind == DecisionKind.Grant && decision.Trial == 0)
            {
                books ??= activation.Ledger!.Describe();
                var name = decision.Destination;
                if (books.Destinations.FirstOrDefault(each => each.Destination == name) is { Condition: DestinationCondition.Withheld or DestinationCondition.Trial })
                {
                    throw world.Broken("Withheld", $"{message.Holder} is granted a permit of '{name}', which is withheld.");
                }
            }
        }

        _lastDecision[life] = last;
    }

    public void LedgerCalled(Activation activation)
    {
        if (!Looks || activation.Ledger!.Describe() is not { Status: LedgerStatus.Granting } books)
        {
            return;
        }

        var slowStart = world.PolicyInTruth(books.Policy)!.EffectiveSlowStart.Ticks;
        foreach (var destination in books.Destinations)
        {
            var key = (activation.Index, destination.Destination);
            var known = _known.GetValueOrDefault(key, new Known(DestinationCondition.None, 0, 0, int.MaxValue));
            if (destination.Condition != DestinationCondition.SlowStart)
            {
                if (known.Condition == DestinationCondition.Trial && destination.Condition == DestinationCondition.InService && slowStart > 0 && !world.Scenario.PolicyChanges)
                {
                    throw world.Broken("SlowStart", $"'{destination.Destination}' is back in service without a slow start.");
                }

                if (destination.Condition == DestinationCondition.Withheld && known.Condition is DestinationCondition.InService or DestinationCondition.SlowStart)
                {
                    CheckVouchers(LimitCheck.IndexOf(destination.Destination));
                }

                _known[key] = new Known(destination.Condition, 0, 0, destination.Booked);
                continue;
            }

            if (known.Condition != DestinationCondition.SlowStart)
            {
                known = new Known(DestinationCondition.SlowStart, world.Now, activation.Clock.TrueTicks(destination.Left!.Value), known.Booked);
            }

            // A clock that goes half a percent fast takes its steps so much earlier.
            var part = known.Length == 0 ? 3 : (int)(3 * ((world.Now - known.Since) * 1.005 + Timeline.Millisecond) / known.Length);
            var most = Math.Max(1, (int)Math.Ceiling(destination.Limit * (part switch { 0 => 0.1, 1 => 0.25, 2 => 0.5, _ => 1 })));
            if (destination.Open > Math.Min(most, destination.Limit) || (destination.Booked > most && destination.Booked > known.Booked))
            {
                throw world.Broken("SlowStart", $"'{destination.Destination}' may be sent {destination.Open} and has {destination.Booked} booked ({known.Booked} before); {most} of {destination.Limit} are its share in part {part} of its slow start.");
            }

            _known[key] = known with { Booked = destination.Booked };
        }
    }

    /// <summary>When each holder was served at each destination of late, without a failure since.</summary>
    private void NoteServed(Work work)
    {
        if (!_served.TryGetValue((work.Holder, work.Destination), out var served))
        {
            _served.Add((work.Holder, work.Destination), served = new Queue<long>());
        }

        if (work.Outcome is RunOutcome.Served)
        {
            if (!_asked.Contains((work.Holder, work.Destination)))
            {
                // Only who was asked once measures each.
                return;
            }

            served.Enqueue(world.Now);
            while (world.Now - served.Peek() > world.Policies.Wanted.LeaseTtl.Ticks)
            {
                served.Dequeue();
            }
        }
        else if (work.Outcome != RunOutcome.Unknown)
        {
            served.Clear();
        }
    }

    /// <summary>
    /// A destination is withheld. Whoever was served there before its last report, which is at most a third of the lease old, and less than half a lease ago, vouches for it.
    /// </summary>
    private void CheckVouchers(int destination)
    {
        var slack = (4 * world.Scenario.CalmDelay) + (30 * Timeline.Millisecond);
        var lease = world.Policies.Wanted.LeaseTtl.Ticks;
        if (!world.Scenario.IsCalm || world.Scenario.PolicyChanges)
        {
            return;
        }

        foreach (var holder in world.Holders)
        {
            if (_served.TryGetValue((holder.Index, destination), out var served) && served.Any(at => world.Now - at > (lease / 3) + slack && world.Now - at < (lease / 2) - slack))
            {
                throw world.Broken("Withheld", $"'{LimitCheck.NameOf(destination)}' is withheld, although {holder.Id} is served there.");
            }
        }
    }

    /// <summary>Everybody's connects have failed for so long that every pool must know: what is sent there now is a trial.</summary>
    private void CheckFailing(int destination, Holder holder)
    {
        var policy = holder.Policy;
        var vouched = (policy.LeaseTtl / 2).Ticks;
        var known = vouched + (Timeline.Second / 2) + (12 * world.Scenario.CalmDelay) + (100 * Timeline.Millisecond);
        var since = Math.Max(world.Destinations.RefusesSince(destination), _failedEnough[destination]);
        if (since != long.MaxValue && world.Now - since > known && !world.Scenario.PolicyChanges && !world.Scenario.StartsWithoutPolicy)
        {
            throw world.Broken("Withheld", $"{holder.Id} sends a request to '{LimitCheck.NameOf(destination)}', where {_failures[destination]} connects have failed, {(world.Now - since) / Timeline.Millisecond} ms after that was enough.");
        }
    }

    private readonly record struct Known(DestinationCondition Condition, long Since, long Length, int Booked);
}
