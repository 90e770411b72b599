namespace Admission.Capacity;

/// <content>Where tickets stand while they wait.</content>
public sealed partial class CapacityLedger
{
    /// <summary>Says where tickets of one holder stand at present, as <see cref="Explain"/> says it of one. O(tickets asked for x priorities).</summary>
    /// <param name="holder">The holder.</param>
    /// <param name="tickets">Their numbers there.</param>
    /// <returns>Those that wait here, in the order in which they were asked for.</returns>
    public TicketPosition[] Places(string holder, ReadOnlySpan<long> tickets)
    {
        var account = _accounts.Values.FirstOrDefault(account => !account.Superseded && string.Equals(account.Life.Holder, holder, StringComparison.Ordinal));
        if (account is null)
        {
            return [];
        }

        var next = NextToServe(_clock.Now);
        var places = new List<TicketPosition>(tickets.Length);
        foreach (var number in tickets)
        {
            if (account.Tickets.TryGetValue(number, out var ticket))
            {
                var ahead = AheadOf(ticket);
                places.Add(new TicketPosition(number, ReferenceEquals(next, ticket) ? 1 : (ahead.Higher ?? 0) + (ahead.Own ?? 0) + 1, ahead.Expected ?? TimeSpan.Zero));
            }
        }

        return [.. places];
    }
}
