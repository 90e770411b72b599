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

        if (report.Incarnation < 1 || report.Sequence < 1 || report.Epoch < 0 || report.Demand < 0)
        {
            return $"Incarnation {report.Incarnation} and sequence {report.Sequence} are at least 1, epoch {report.Epoch} and demand {report.Demand} at least 0.";
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

        return null;
    }
}
