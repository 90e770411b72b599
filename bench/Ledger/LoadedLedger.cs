using System.Diagnostics;
using Admission.Capacity;

namespace Admission.LedgerBench;

/// <summary>A ledger alone, on the thread that calls it, with holders that take turns and a queue that stays as long as it is.</summary>
internal sealed class LoadedLedger
{
    private static readonly LedgerOptions Options = new() { AuthorityTtl = TimeSpan.FromMinutes(5), RenewedByWrites = false };

    /// <summary>Tickets in a block: less than a millisecond's, where the kernel gives a thread some milliseconds.</summary>
    private const int Block = 256;
    private const int LeastBlocks = 20;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(20);

    private readonly Cell _cell;
    private readonly CapacityLedger _ledger;
    private readonly Dictionary<string, Holder> _byName = new(StringComparer.Ordinal);
    private readonly Holder[] _holders;

    /// <summary>In a fixed order of turns everybody would soon be next in line when his turn comes.</summary>
    private readonly Random _random = new(1);

    private long _ticks;
    private long _bytes;
    private long _exchanges;
    private long _granted;

    public LoadedLedger(Cell cell)
    {
        _cell = cell;
        _ledger = new CapacityLedger(new LedgerState { Epoch = 1, AuthorityTtl = Options.AuthorityTtl }, TimeProvider.System.GetTimestamp(), TimeProvider.System, Options);

        // With nobody waiting there is room for everybody; else all permits are in hand, one exchange's worth for each holder.
        var limit = cell.Holders * cell.Batch * (cell.Waiting == 0 ? 2 : 1);
        var answer = _ledger.ApplyPolicy(new BackendPolicy
        {
            Limit = limit, Overflow = Overflow.Wait, QueueCapacity = 100_000, MaxWait = TimeSpan.FromHours(1), LeaseTtl = TimeSpan.FromMinutes(5),
        });
        _holders = [.. Enumerable.Range(0, cell.Holders).Select(number => new Holder($"holder-{number}", cell.Tenants))];
        Store();
        foreach (var holder in _holders)
        {
            _byName.Add(holder.Name, holder);
            var report = holder.Report(1, 0, 0);
            _ = _ledger.Receive(report);
            Store();
            holder.Take(_ledger.Receive(report));
        }

        if (answer.Errors.Length > 0 || _ledger.Describe().Status != LedgerStatus.Granting)
        {
            throw new InvalidOperationException($"The ledger does not grant. {string.Join(" ", answer.Errors)}");
        }

        Fill(limit);
    }

    /// <summary>Lets the JIT see each kind of cell for a while.</summary>
    public static void WarmUp()
    {
        foreach (var cell in new[] { new Cell(10, 0, 1, 1), new Cell(10, 1_000, 1, 1), new Cell(10, 1_000, 1_000, 10) })
        {
            _ = new LoadedLedger(cell).Measure(TimeSpan.FromSeconds(0.5));
        }
    }

    public Cost Measure(TimeSpan time)
    {
        Run(time / 10);
        GC.Collect();
        (_ticks, _bytes, _exchanges, _granted) = (0, 0, 0, 0);
        Run(time);
        var queued = _ledger.Describe().Occupancy.Queued;
        if (Math.Abs(queued - _cell.Waiting) > _cell.Batch || _granted < 100)
        {
            throw new InvalidOperationException($"{_cell}: {queued} tickets wait, and {_granted} were granted: that is not what was to be measured.");
        }

        LedgerInvariants.Check(_ledger.Describe());
        var nanoseconds = _ticks * 1e9 / Stopwatch.Frequency;
        return new Cost(nanoseconds / _exchanges, nanoseconds / _granted, (double)_bytes / _exchanges);
    }

    /// <summary>Takes turns for so long. Blocks of them in which the kernel ran something else do not count.</summary>
    private void Run(TimeSpan time)
    {
        var began = Stopwatch.GetTimestamp();
        for (var blocks = 0; Stopwatch.GetElapsedTime(began) < time || (blocks < LeastBlocks && Stopwatch.GetElapsedTime(began) < MostTime);)
        {
            var (before, disturbed) = ((_ticks, _bytes, _exchanges, _granted), Preemptions.Count());
            for (var i = 0; i < Math.Max(1, Block / _cell.Batch); i++)
            {
                var holder = _holders[_random.Next(_holders.Length)];
                if (holder.InHand >= _cell.Batch)
                {
                    Exchange(holder);
                }
            }

            if (Preemptions.Count() == disturbed)
            {
                blocks++;
            }
            else
            {
                (_ticks, _bytes, _exchanges, _granted) = before;
            }
        }
    }

    private void Exchange(Holder holder)
    {
        var report = holder.Report(1, _cell.Batch, _cell.Batch);
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var began = Stopwatch.GetTimestamp();
        var reply = _ledger.Receive(report);
        var pushes = _ledger.TakePushes();
        _ticks += Stopwatch.GetTimestamp() - began;
        _bytes += GC.GetAllocatedBytesForCurrentThread() - allocated;
        _exchanges++;
        _granted += holder.Take(reply);
        foreach (var push in pushes)
        {
            _granted += _byName[push.Holder].Take(push);
        }
    }

    private void Fill(int limit)
    {
        var tickets = _cell.Waiting == 0 ? limit / 2 : limit + _cell.Waiting;
        var each = _holders.Length == 1 ? 1_000 : _cell.Batch;
        for (var next = 0; tickets > 0; next++)
        {
            FillFrom(_holders[next % _holders.Length], Math.Min(tickets, each));
            tickets -= each;
        }
    }

    private void FillFrom(Holder holder, int tickets)
    {
        foreach (var message in _ledger.TakePushes().Append(_ledger.Receive(holder.Report(1, 0, tickets))))
        {
            _byName[message.Holder].Take(message);
        }
    }

    private void Store()
    {
        while (_ledger.StoreNeeded)
        {
            _ledger.EndStore(_ledger.BeginStore(), StoreOutcome.Stored);
        }
    }
}
