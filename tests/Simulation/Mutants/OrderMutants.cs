namespace Admission.Simulation;

/// <summary>A ledger that is told something else of each ticket.</summary>
internal abstract class TicketMutant : Mutant
{
    public sealed override HolderReport ToLedger(Activation activation, HolderReport report) => report with { Tickets = [.. report.Tickets.Select(Change)] };

    protected abstract TicketRequest Change(TicketRequest ticket);
}

/// <summary>Serves all priorities alike.</summary>
internal sealed class IgnoresPriorities : TicketMutant
{
    protected override TicketRequest Change(TicketRequest ticket) => ticket with { Priority = Priorities.Normal };
}

/// <summary>Serves light tickets while a heavy one waits for as many permits as it needs.</summary>
internal sealed class LetsLightTicketsPass : TicketMutant
{
    protected override TicketRequest Change(TicketRequest ticket) => ticket.Weight > 1 ? ticket with { Priority = Priorities.Lowest } : ticket;
}

/// <summary>Serves first come first served, whosever the tickets are.</summary>
internal sealed class TakesTenantsForOne : TicketMutant
{
    protected override TicketRequest Change(TicketRequest ticket) => ticket with { Tenant = null };
}

/// <summary>Takes the last priority for the first, also where a full queue makes room.</summary>
internal sealed class TurnsPrioritiesRound : TicketMutant
{
    protected override TicketRequest Change(TicketRequest ticket) => ticket with { Priority = Priorities.Lowest - ticket.Priority };
}

/// <summary>Guarantees nothing to the lower priorities.</summary>
internal sealed class IgnoresShares : PolicyMutant
{
    protected override BackendPolicy Change(BackendPolicy policy) => policy.Order is not { } order ? policy with { } : policy with
    {
        Order = order with { Levels = [.. order.Levels.Select(level => level with { Share = 0 })] },
    };
}

/// <summary>Gives each tenant the same.</summary>
internal sealed class IgnoresTenantWeights : PolicyMutant
{
    protected override BackendPolicy Change(BackendPolicy policy) => policy.Order is not { } order ? policy with { } : policy with
    {
        Order = order with { Tenants = [.. order.Tenants.Select(tenant => tenant with { Weight = 1 })] },
    };
}

/// <summary>Gives each tenant a credit of its own making.</summary>
internal sealed class GivesCreditWithoutBound : PolicyMutant
{
    protected override BackendPolicy Change(BackendPolicy policy) => policy with { Order = (policy.Order ?? QueueOrder.Default) with { TenantBurst = 1_000 } };
}

/// <summary>Lets tenants have what they want.</summary>
internal sealed class IgnoresCaps : PolicyMutant
{
    protected override BackendPolicy Change(BackendPolicy policy) => policy.Order is not { } order ? policy with { } : policy with
    {
        Order = order with { TenantCap = null, Tenants = [.. order.Tenants.Select(tenant => tenant with { Cap = null })] },
    };
}

/// <summary>Loses what tenants with a cap have in use when it is told.</summary>
internal sealed class ForgetsTenantsInUse : Mutant
{
    public override HolderReport ToLedger(Activation activation, HolderReport report) => report with { Tenants = null };
}

/// <summary>Refuses everybody while the queue is full, also those for whom there would be room.</summary>
internal sealed class TakesNoticesForAll : Mutant
{
    public override LedgerMessage ToPool(Holder holder, LedgerMessage message) =>
        message.Sequence == 0 ? message : message with { SaturationScope = SaturationScope.All };
}

/// <summary>Refuses when the queue has been slow for half of the interval.</summary>
internal sealed class CutsTooEarly : PolicyMutant
{
    protected override BackendPolicy Change(BackendPolicy policy) => policy with { DelayInterval = policy.DelayInterval / 2 };
}

/// <summary>Takes each ticket for one that has waited for a second already, so that no turn ends the slow time.</summary>
internal sealed class TakesAllForLate : TicketMutant
{
    protected override TicketRequest Change(TicketRequest ticket) => ticket with { Waited = ticket.Waited + TimeSpan.FromSeconds(1) };
}
