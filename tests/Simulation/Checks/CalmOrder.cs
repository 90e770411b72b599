namespace Admission.Simulation;

/// <summary>
/// Promise 4 in runs without faults: who goes first, and who goes when the queue is full. Tickets arrive with the report that first carried them; what the ledger has
/// decided is looked at after each of its calls, within which everything arrives before anything is granted.
/// </summary>
/// <remarks>
/// <list type="bullet">
/// <item>Order: within a priority and a tenant no ticket is granted while an earlier one waits (with adaptive LIFO, while earlier and later ones wait); while a higher priority waits, a lower one gets no more than its guaranteed share.</item>
/// <item>Share: over every stretch of time in which a priority waits it is granted its share of the permits, less one largest ticket for each priority with a share, and one.</item>
/// <item>Tenant: over every stretch of time in which two tenants of a priority wait, what is granted to each, divided by its weight, differs by at most one largest ticket of each, and the burst credit, once.</item>
/// <item>Place: who is refused because the queue is full is of the last priority that has more than its places, and there of the tenant that has the most for its
/// weight; a ticket is displaced only by a higher priority.</item>
/// <item>Part: who is told that its tenant has more than its part of the places, or that the queue is full, is told the truth (<c>.Parts</c>).</item>
/// </list>
/// </remarks>
internal sealed partial class CalmOrder(World world)
{
    private readonly SortedList<int, Level> _levels = [];
    private readonly int _heaviest = world.Scenario.HeaviestRequest;
    private readonly bool _newestMayBeFirst = world.Scenario.Policy.Discipline == QueueDiscipline.AdaptiveLifo;

    public void Queued(CalmBooks.Ticket ticket)
    {
        if (!_levels.TryGetValue(ticket.Priority, out var level))
        {
            _levels.Add(ticket.Priority, level = new Level(ticket.Priority, world.Scenario.ShareOf(ticket.Priority)));
        }

        var line = level.Line(ticket.Tenant, world.Scenario);
        line.Tickets.Enqueue(ticket);
        line.Waiting++;
        level.Waiting++;
        level.LastArrival = ticket.Order;
    }

    public void Gone(CalmBooks.Ticket ticket)
    {
        var level = _levels[ticket.Priority];
        level.Waiting--;
        var line = level.Line(ticket.Tenant, world.Scenario);
        line.Waiting--;
        line.GoneInCall++;
    }

    /// <summary>What the waiting tickets of a tenant ask for.</summary>
    public int WeightOf(string tenant) => _levels.Values.Where(level => level.Lines.ContainsKey(tenant)).SelectMany(level => level.Lines[tenant].Tickets)
        .Where(ticket => ticket.State == CalmBooks.TicketState.Queued).Sum(ticket => ticket.Weight);

    /// <summary>How many tickets are before one: of higher priorities, and of its own priority and tenant; and how many of these there are.</summary>
    public (int Higher, int Own, int OfOwn) AheadOf(CalmBooks.Ticket ticket)
    {
        var line = _levels[ticket.Priority].Line(ticket.Tenant, world.Scenario);
        return (_levels.Values.Where(level => level.Priority < ticket.Priority).Sum(level => level.Waiting),
            line.Tickets.Count(other => other.State == CalmBooks.TicketState.Queued && other.Order < ticket.Order), line.Waiting);
    }

    /// <summary>How many tickets may be before one that comes with a priority, and the shares of the priorities after it.</summary>
    public (int Tickets, int Shares) Before(int priority, bool all) => (
        _levels.Values.Where(level => all || level.Priority <= priority).Sum(level => level.Waiting),
        _levels.Values.Where(level => level.Priority > priority && level.Waiting > 0).Sum(level => level.Share));

    /// <summary>The tickets of which one is the next.</summary>
    public IEnumerable<CalmBooks.Ticket> MayBeNext(Func<CalmBooks.Ticket, bool> isBlocked) =>
        _levels.Values.SelectMany(level => level.Lines.Values).Select(line => line.First).OfType<CalmBooks.Ticket>().Where(ticket => !isBlocked(ticket));

    /// <summary>After a call of the ledger.</summary>
    public void Check(BackendPolicy policy, List<CalmBooks.Ticket> granted, List<CalmBooks.Ticket> refused, Func<CalmBooks.Ticket, bool> isBlocked)
    {
        foreach (var ticket in granted)
        {
            CheckFirst(ticket, isBlocked);
        }

        CheckShares(granted);
        foreach (var level in _levels.Values)
        {
            CheckTenants(level, granted);
        }

        foreach (var ticket in refused)
        {
            if (policy.Waiting > 0)
            {
                CheckPart(ticket);
                CheckPlace(policy, ticket);
            }
        }

        foreach (var level in _levels.Values)
        {
            foreach (var line in level.Lines.Values)
            {
                line.GoneInCall = 0;
            }
        }
    }

    /// <summary>Whom a saturation notice refuses would be refused by the ledger.</summary>
    public void CheckScope(BackendPolicy policy, in SaturationScope scope)
    {
        foreach (var (priority, level) in _levels)
        {
            if (priority > scope.Above && level.Waiting > 0)
            {
                throw world.Broken("P3", $"a saturation notice refuses what comes after priority {scope.Above}, and tickets of priority {priority} wait.");
            }

            if (scope.Level >= 0 && priority > scope.Level && level.Waiting > Places(policy, level))
            {
                throw world.Broken("P3", $"a saturation notice refuses a tenant of priority {scope.Level}, and priority {priority} has {level.Waiting} tickets, more than its places.");
            }
        }

        if (scope.Level >= 0 && _levels.TryGetValue(scope.Level, out var named))
        {
            var tenant = named.Line(scope.Tenant ?? "", world.Scenario);
            foreach (var (name, line) in named.Lines)
            {
                if (line.Waiting * (long)tenant.Weight > tenant.Waiting * (long)line.Weight)
                {
                    throw world.Broken("P3", $"a saturation notice refuses tenant '{scope.Tenant}' with {tenant.Waiting} tickets, and '{name}' has {line.Waiting}.");
                }
            }

            CheckPart(scope, named, tenant);
        }
    }

    private static long Places(BackendPolicy policy, Level level) => (((long)level.Share * policy.Waiting) + 99) / 100;

    private void CheckFirst(CalmBooks.Ticket ticket, Func<CalmBooks.Ticket, bool> isBlocked)
    {
        var own = _levels[ticket.Priority];
        var line = own.Line(ticket.Tenant, world.Scenario);
        if (line.First is { } earlier && earlier.Order < ticket.Order && !(_newestMayBeFirst && line.IsNewest(ticket)))
        {
            throw world.Broken("P4", $"the ticket that was number {ticket.Order} at the ledger was granted before number {earlier.Order} of the same priority and tenant.");
        }

        foreach (var (priority, level) in _levels)
        {
            if (priority >= ticket.Priority)
            {
                return;
            }

            if (!level.Lines.Values.Any(other => other.First is { } waiting && !isBlocked(waiting)))
            {
                continue;
            }

            if (own.Share == 0)
            {
                throw world.Broken("P4", $"a ticket of priority {ticket.Priority} was granted while one of priority {priority} waits.");
            }

            own.OutOfTurn += ticket.Weight;
            return;
        }
    }

    private void CheckShares(List<CalmBooks.Ticket> granted)
    {
        long all = granted.Sum(ticket => ticket.Weight);
        var sharing = _levels.Values.Count(level => level.Share > 0);
        foreach (var (priority, level) in _levels)
        {
            level.All += all;
            if (level.OutOfTurn * 100 > level.All * level.Share)
            {
                throw world.Broken("P4", $"priority {priority} was granted {level.OutOfTurn} of {level.All} permits out of its turn; its share is {level.Share} percent.");
            }

            if (level.Waiting == 0)
            {
                (level.All, level.OutOfTurn) = (0, 0);
            }

            var waits = level.Lines.Values.Any(line => line.Waiting > 0 && !line.IsCapped);
            if (!waits || !level.WaitedBefore)
            {
                (level.Owed, level.LeastOwed, level.WaitedBefore) = (0, 0, waits);
                continue;
            }

            level.Owed += (all * level.Share / 100.0) - granted.Where(ticket => ticket.Priority == priority).Sum(ticket => ticket.Weight);
            level.LeastOwed = Math.Min(level.LeastOwed, level.Owed);
            if (level.Owed - level.LeastOwed > (sharing + 1) * _heaviest)
            {
                throw world.Broken("Share", $"priority {priority}, which waits, is {level.Owed - level.LeastOwed} permits short of its share of {level.Share} percent.");
            }
        }
    }

    private void CheckTenants(Level level, List<CalmBooks.Ticket> granted)
    {
        foreach (var (one, line) in level.Lines)
        {
            foreach (var (other, otherLine) in level.Lines)
            {
                if (string.CompareOrdinal(one, other) >= 0 || line.IsCapped || otherLine.IsCapped)
                {
                    continue;
                }

                if (line.Waiting == 0 || otherLine.Waiting == 0)
                {
                    level.Pairs.Remove((one, other));
                    continue;
                }

                if (!level.Pairs.TryGetValue((one, other), out var pair))
                {
                    level.Pairs.Add((one, other), default);
                    continue;
                }

                var difference = pair.Difference + (level.Granted(granted, one) / line.Weight) - (level.Granted(granted, other) / otherLine.Weight);
                pair = (difference, Math.Min(pair.Least, difference), Math.Max(pair.Most, difference));
                level.Pairs[(one, other)] = pair;
                var bound = (_heaviest / (double)line.Weight) + (_heaviest / (double)otherLine.Weight) + (world.Scenario.TenantCredit / (double)Math.Min(line.Weight, otherLine.Weight));
                if (pair.Most - pair.Least > bound + 1e-6)
                {
                    throw world.Broken("Tenant", $"the permits of '{one}' and '{other}', which wait, are {pair.Most - pair.Least:F2} apart for their weights; {bound:F2} is the most.");
                }
            }
        }
    }

    private void CheckPlace(BackendPolicy policy, CalmBooks.Ticket ticket)
    {
        var above = false;
        foreach (var (priority, level) in _levels)
        {
            above |= priority < ticket.Priority && level.LastArrival > ticket.Order;
            if (priority > ticket.Priority && level.Waiting > Places(policy, level))
            {
                throw world.Broken("Place", $"ticket {ticket.Id} of priority {ticket.Priority} was refused with {ticket.Reason}, and {level.Waiting} tickets of priority {priority} wait.");
            }
        }

        if (ticket.Reason == RefusalReason.Displaced && !above)
        {
            throw world.Broken("Place", $"ticket {ticket.Id} of priority {ticket.Priority} was displaced, but no ticket of a higher priority came after it.");
        }

        var own = _levels[ticket.Priority];
        var tenant = own.Line(ticket.Tenant, world.Scenario);
        foreach (var (name, line) in own.Lines)
        {
            if (line.Waiting * (long)tenant.Weight > (tenant.Waiting + tenant.GoneInCall) * (long)line.Weight)
            {
                throw world.Broken("Place", $"ticket {ticket.Id} of tenant '{ticket.Tenant}' was refused with {ticket.Reason}, and '{name}' has {line.Waiting} tickets.");
            }
        }
    }

    private sealed class Level(int priority, int share)
    {
        public readonly Dictionary<string, TenantLine> Lines = [];
        public readonly Dictionary<(string One, string Other), (double Difference, double Least, double Most)> Pairs = [];
        public int Waiting;
        public long LastArrival;

        /// <summary>Permits granted to tickets since the priority began to wait, and those granted to it while a higher one waited.</summary>
        public long All;
        public long OutOfTurn;

        public double Owed;
        public double LeastOwed;
        public bool WaitedBefore;

        public int Share { get; } = share;

        public int Priority { get; } = priority;

        public TenantLine Line(string tenant, Scenario scenario)
        {
            if (!Lines.TryGetValue(tenant, out var line))
            {
                Lines.Add(tenant, line = new TenantLine(scenario.WeightOf(tenant), scenario.CapOf(tenant) is not null));
            }

            return line;
        }

        public double Granted(List<CalmBooks.Ticket> granted, string tenant) =>
            granted.Where(ticket => ticket.Priority == Priority && ticket.Tenant == tenant).Sum(ticket => ticket.Weight);
    }

    private sealed class TenantLine(int weight, bool isCapped)
    {
        public readonly Queue<CalmBooks.Ticket> Tickets = new();
        public int Waiting;
        public int GoneInCall;

        public int Weight { get; } = weight;

        public bool IsCapped { get; } = isCapped;

        /// <summary>Whether none that came after it waits: where the newest may go first, nobody is granted from the middle.</summary>
        public bool IsNewest(CalmBooks.Ticket ticket) => !Tickets.Any(other => other.State == CalmBooks.TicketState.Queued && other.Order > ticket.Order);

        /// <summary>The first that waits, or null.</summary>
        public CalmBooks.Ticket? First
        {
            get
            {
                while (Tickets.TryPeek(out var ticket) && ticket.State != CalmBooks.TicketState.Queued)
                {
                    Tickets.Dequeue();
                }

                return Tickets.TryPeek(out var first) ? first : null;
            }
        }
    }
}
