namespace Admission.Capacity;

/// <summary>What a report may say. A pool never breaks these rules, so a report that does comes from a bug or a stranger.</summary>
internal static class HolderReportRules
{
    private const int LongestName = 200;

    /// <summary>Says what is wrong with a report; null when nothing is.</summary>
    public static string? Mistake(HolderReport report)
    {
        if (string.IsNullOrEmpty(report.Holder) || report.Holder.Length > LongestName)
        {
            return $"A holder has a name of 1 to {LongestName} characters.";
        }

        if (report.Incarnation < 1 || report.Sequence < 1 || report.Epoch < 0 || report.Demand < 0 || report.RunTimeouts < 0)
        {
            return $"Incarnation {report.Incarnation} and sequence {report.Sequence} are at least 1, epoch {report.Epoch}, demand {report.Demand} and run time-outs {report.RunTimeouts} at least 0.";
        }

        if (!double.IsFinite(report.Spread.SquaredSeconds) || report.Spread.SquaredSeconds < 0 || report.Spread.Overloaded < 0)
        {
            return $"Squared times of {report.Spread.SquaredSeconds} s² and {report.Spread.Overloaded} overloads cannot be: they are sums of what is not negative.";
        }

        foreach (var held in report.Held)
        {
            if (held.Held < 1 || held.InUse < 0 || held.InUse > held.Held)
            {
                return $"Of {held.Held} permits at '{held.Destination}', {held.InUse} cannot be in use.";
            }
        }

        foreach (var outcomes in report.Outcomes)
        {
            if (outcomes.Destination is null || outcomes.ConnectStreak < 0 || outcomes.Streak < outcomes.ConnectStreak || outcomes.Failed < outcomes.Streak)
            {
                return $"At '{outcomes.Destination}' {outcomes.Failed} failures are reported, {outcomes.Streak} in a row, {outcomes.ConnectStreak} of them connects.";
            }
        }

        foreach (var ticket in report.Tickets)
        {
            if (ticket.Weight < 1 || ticket.Priority is < Priorities.Critical or > Priorities.Lowest)
            {
                return $"Ticket {ticket.Id} has weight {ticket.Weight} and priority {ticket.Priority}: a weight is at least 1, a priority 0 to {Priorities.Lowest}.";
            }
        }

        return MistakeOfTenants(report) ?? MistakeOfDecisions(report) ?? (report.Clients is { } clients ? MistakeOfClients(clients) : null) ?? (report.HandOvers is { } handOvers ? LeaseRules.Mistake(handOvers) : null) ?? report.Shadow?.Mistake;
    }

    // What a decision says is for people to read: one that cannot be is left out, and costs nobody a lease.
    private static string? MistakeOfDecisions(HolderReport report) => report.DecisionsMade < 0 || report.Decisions?.Length > HolderReport.MostDecisions
        ? $"{report.Decisions?.Length ?? 0} of {report.DecisionsMade} decisions cannot be reported: at most {HolderReport.MostDecisions} are."
        : null;

    private static string? MistakeOfTenants(HolderReport report)
    {
        foreach (var ticket in report.Tickets)
        {
            if (ticket.Tenant?.Length > QueueOrderRules.LongestTenant)
            {
                return $"Ticket {ticket.Id} has a tenant of {ticket.Tenant.Length} characters; at most {QueueOrderRules.LongestTenant} are possible.";
            }
        }

        foreach (var use in report.Tenants ?? [])
        {
            if (string.IsNullOrEmpty(use.Tenant) || use.InUse < 1)
            {
                return $"A tenant '{use.Tenant}' cannot have {use.InUse} permits in use.";
            }
        }

        if (report.TenantClients is { Length: > TenantClients.Most } many)
        {
            return $"The patience of {many.Length} tenants is reported; at most {TenantClients.Most} are possible.";
        }

        foreach (var clients in report.TenantClients ?? [])
        {
            if (string.IsNullOrEmpty(clients.Tenant) || clients.Tenant.Length > QueueOrderRules.LongestTenant || clients.Count < 1)
            {
                return $"Count {clients.Count} of a tenant '{clients.Tenant}' cannot be.";
            }

            if (MistakeOfClients(clients.Totals) is { } mistake)
            {
                return mistake;
            }
        }

        return null;
    }

    private static string? MistakeOfClients(ClientTotals clients)
    {
        var last = -1;
        foreach (var (bucket, left, stayed, answers) in clients.Buckets)
        {
            if (bucket <= last || bucket >= PatienceBuckets.Count || left < 0 || stayed < 0 || answers < 0)
            {
                return $"Counts of clients are at least 0, in buckets from 0 to {PatienceBuckets.Count - 1} in ascending order; {bucket} has {left}, {stayed} and {answers}.";
            }

            last = bucket;
        }

        return clients.InTime < 0 || clients.ForNothing < 0 ? "Counts of clients are at least 0." : null;
    }
}
