namespace Admission.Simulation;

/// <content>
/// As <i>Part</i>: a full queue tells whom it refuses that its tenant has more than its part of the places, in proportion to the weights of those that wait in its priority, if that is so, and otherwise that the queue is full.
/// </content>
internal sealed partial class CalmOrder
{
    /// <summary>At which point of the call a ticket was refused is not known, so what has gone in the call may have been there or not.</summary>
    private void CheckPart(CalmBooks.Ticket ticket)
    {
        if (!world.Scenario.ChecksParts)
        {
            return;
        }

        var level = _levels[ticket.Priority];
        var tenant = level.Line(ticket.Tenant, world.Scenario);
        var others = level.Lines.Values.Where(line => !ReferenceEquals(line, tenant));
        var isWrong = ticket.Reason switch
        {
            RefusalReason.TenantShare => others.Sum(other => MostBeyond(tenant, other)) <= 0,
            RefusalReason.QueueFull => others.Sum(other => LeastBeyond(tenant, other)) > 0,
            _ => false,
        };
        if (isWrong)
        {
            throw world.Broken("Part", $"ticket {ticket.Id} of tenant '{ticket.Tenant}' was refused with {ticket.Reason}, but of the tickets of priority {ticket.Priority} there wait, and went: {Told(level)}.");
        }
    }

    /// <summary>What a notice says of the tenant that it is for is so with one more ticket of that tenant.</summary>
    private void CheckPart(in SaturationScope scope, Level level, TenantLine tenant)
    {
        if (!world.Scenario.ChecksParts || scope.TenantReason is not (RefusalReason.TenantShare or RefusalReason.None))
        {
            return;
        }

        var others = level.Lines.Values.Where(line => !ReferenceEquals(line, tenant) && line.Waiting > 0);
        var isTold = scope.TenantReason == RefusalReason.TenantShare;
        var isBeyond = others.Sum(other => Beyond(tenant, tenant.Waiting + 1, other, other.Waiting)) > 0;
        if (isTold != isBeyond)
        {
            throw world.Broken("Part", $"a saturation notice refuses tenant '{scope.Tenant}' with {scope.TenantReason}, but of the tickets of priority {scope.Level} there wait, and went: {Told(level)}.");
        }
    }

    /// <summary>
    /// By how much a tenant with so many tickets has more for its weight than another. It has more than its part of what all have, each by its weight, if the sum over the others that wait is above 0.
    /// </summary>
    private static long Beyond(TenantLine tenant, long tickets, TenantLine other, long others) => (tickets * other.Weight) - (others * tenant.Weight);

    private static long MostBeyond(TenantLine tenant, TenantLine other)
    {
        var had = tenant.Waiting + tenant.GoneInCall;
        return other.Waiting > 0 ? Beyond(tenant, had, other, other.Waiting)
            : other.GoneInCall > 0 ? Math.Max(0, Beyond(tenant, had, other, 1))
            : 0;
    }

    private static long LeastBeyond(TenantLine tenant, TenantLine other)
    {
        // With the ticket that was refused.
        var least = Beyond(tenant, tenant.Waiting + 1, other, other.Waiting + other.GoneInCall);
        return other.Waiting > 0 ? least : other.GoneInCall > 0 ? Math.Min(0, least) : 0;
    }

    private static string Told(Level level) =>
        string.Join(", ", level.Lines.Select(line => $"{line.Value.Waiting} and {line.Value.GoneInCall} of '{line.Key}' with weight {line.Value.Weight}"));
}
