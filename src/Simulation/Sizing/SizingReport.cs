namespace Admission.Simulator;

/// <summary>What a cluster costs, measured on this machine.</summary>
public sealed record SizingReport
{
    /// <summary>One backend with more and more frontends, each point with the same load.</summary>
    public required IReadOnlyList<HolderPoint> Holders { get; init; }

    /// <summary>One backend with more and more tickets that wait.</summary>
    public required IReadOnlyList<TicketPoint> Tickets { get; init; }
}

/// <summary>One backend with so many frontends.</summary>
/// <param name="Frontends">The frontends.</param>
/// <param name="LedgerMicroseconds">Ledger time for each exchange, in microseconds: everything that the ledger did, divided by the exchanges.</param>
/// <param name="MessagesPerRequest">Reports, answers and pushes for each request.</param>
/// <param name="ExchangesPerSecond">Exchanges a second of virtual time.</param>
/// <param name="LedgerBytes">Memory of the ledger for each holder that has a permit.</param>
/// <param name="FrontendBytes">Memory of that holder's pool, in its frontend.</param>
public sealed record HolderPoint(
    int Frontends, double LedgerMicroseconds, double MessagesPerRequest, double ExchangesPerSecond, double LedgerBytes, double FrontendBytes);

/// <summary>One backend with so many tickets in its queue.</summary>
/// <param name="Tickets">The tickets.</param>
/// <param name="LedgerMicroseconds">Ledger time for each exchange while they wait, in microseconds.</param>
/// <param name="LedgerBytes">Memory of the ledger for each.</param>
/// <param name="FrontendBytes">Memory of the pool that it waits in, in its frontend; without the request itself.</param>
public sealed record TicketPoint(int Tickets, double LedgerMicroseconds, double LedgerBytes, double FrontendBytes);
