// What one exchange costs the ledger, and one ticket, by the number of holders and of tickets that wait.
using Admission.Bench;
using Admission.LedgerBench;

LoadedLedger.WarmUp();
var found = await Rounds.MeasureAsync(Cell.All, cell =>
{
    var cost = new LoadedLedger(cell).Measure(Rounds.Each(1));
    Console.Error.WriteLine($"{cell}: {cost}");
    return Task.FromResult(cost);
});
Report.Of(found).Write();
