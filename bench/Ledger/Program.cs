// What one exchange costs the ledger, and one ticket, by the number of holders and of tickets that wait.
using Admission.Bench;
using Admission.LedgerBench;

//   (nothing)                          measures all
//   HOLDERS WAITING TENANTS BATCH      one cell for ten seconds, to profile it
LoadedLedger.WarmUp();
if (args is [var holders, var waiting, var tenants, var batch])
{
    Console.WriteLine(new LoadedLedger(new Cell(int.Parse(holders), int.Parse(waiting), int.Parse(tenants), int.Parse(batch))).Measure(TimeSpan.FromSeconds(10)));
    return;
}

var found = await Rounds.MeasureAsync(Cell.All, cell =>
{
    var cost = new LoadedLedger(cell).Measure(Rounds.Each(1));
    Console.Error.WriteLine($"{cell}: {cost}");
    return Task.FromResult(cost);
});
Report.Of(found).Write();
