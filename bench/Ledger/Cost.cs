namespace Admission.LedgerBench;

/// <summary>What the ledger's work took, without that of whoever makes the reports.</summary>
/// <param name="Exchange">Nanoseconds for an exchange: taking the report, answering it, making the pushes that follow.</param>
/// <param name="Ticket">Nanoseconds for a ticket, from its arrival to its grant.</param>
/// <param name="Bytes">Bytes allocated for an exchange.</param>
internal sealed record Cost(double Exchange, double Ticket, double Bytes)
{
    public double ExchangesPerSecond => 1e9 / Exchange;
}
