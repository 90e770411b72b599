namespace Admission.LedgerBench;

/// <summary>One state of a ledger.</summary>
/// <param name="Holders">Processes that exchange with it, in turn.</param>
/// <param name="Waiting">Tickets that wait, all the time.</param>
/// <param name="Tenants">Of how many tenants; 1 for requests without one.</param>
/// <param name="Batch">Tickets that one exchange brings, and permits that it gives back.</param>
internal sealed record Cell(int Holders, int Waiting, int Tenants, int Batch)
{
    public const int FullExchange = 100;

    public static readonly int[] HolderCounts = [1, 100, 1_000];
    public static readonly int[] WaitingCounts = [0, 1_000, 10_000, 100_000];

    /// <summary>Holders by tickets; then the same queue with many tenants, and with many tickets in an exchange.</summary>
    public static readonly IReadOnlyList<Cell> All =
    [
        .. HolderCounts.SelectMany(holders => WaitingCounts.Select(waiting => new Cell(holders, waiting, Tenants: 1, Batch: 1))),
        .. WaitingCounts.Where(waiting => waiting > 0).Select(waiting => new Cell(100, waiting, Tenants: 1_000, Batch: 1)),
        .. WaitingCounts.Where(waiting => waiting > 0).Select(waiting => new Cell(100, waiting, Tenants: 1, Batch: FullExchange)),
    ];
}
