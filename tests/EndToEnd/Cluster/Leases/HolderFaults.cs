using System.Collections.Concurrent;
using Admission.EndToEnd.Cluster.Faults;
using Admission.EndToEnd.Cluster.Processes;

namespace Admission.EndToEnd.Cluster.Leases;

/// <summary>
/// What is done to programs that hold leases, beside what is done to the cluster: drawn from the same seed by a draw of its own, so that a seed gives the cluster's faults as before.
/// </summary>
internal static class HolderFaults
{
    /// <summary>In place of a name: whoever has written last.</summary>
    public const string WhoWrites = "who writes";

    private const int MostAtOnce = 2;

    private static readonly FaultKind[] Kinds = [FaultKind.KillHolder, FaultKind.HangHolder];

    /// <summary>Draws a schedule: a fault every 4 to 8 s, at most two at once, all healed before its end.</summary>
    /// <param name="seed">What it depends on.</param>
    /// <param name="duration">Its length.</param>
    /// <param name="only">Only these kinds; null: all.</param>
    public static IReadOnlyList<FaultPlan> Draw(int seed, TimeSpan duration, IReadOnlyCollection<FaultKind>? only = null)
    {
        var random = new Random(seed ^ 0x1ea5e);
        var kinds = Kinds.Where(kind => only is null || only.Contains(kind)).ToArray();
        var drawn = new List<FaultPlan>();
        for (var at = TimeSpan.FromSeconds(2); at < duration && kinds.Length > 0; at += TimeSpan.FromSeconds(Between(random, 4, 8)))
        {
            var kind = kinds[random.Next(kinds.Length)];
            var target = random.Next(2) == 0 ? WhoWrites : HolderProcesses.Names[random.Next(HolderProcesses.Names.Count)];

            // The one lasts longer than any lease, so that all of them are somebody else's when the program goes on; some end before that.
            var time = TimeSpan.FromSeconds(kind == FaultKind.HangHolder ? Between(random, 6, 16) : Between(random, 0.5, 3));
            if (at + time <= duration && drawn.Count(earlier => earlier.Healed > at) < MostAtOnce)
            {
                drawn.Add(new(at, time, kind, target));
            }
        }

        return drawn;
    }

    /// <summary>Runs a schedule; ends when all is healed.</summary>
    public static async Task<IReadOnlyList<Fault>> RunAsync(HolderProcesses holders, IEnumerable<FaultPlan> schedule, RunLog log)
    {
        var start = Clock.Now;
        var (done, free) = (new ConcurrentQueue<Fault>(), new HashSet<SupervisedProcess>(holders.All));
        await Task.WhenAll(schedule.Select(async plan =>
        {
            var wait = plan.At - Clock.Since(start);
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            var name = plan.Target == WhoWrites ? await holders.Database.LastWriterAsync() : plan.Target;
            SupervisedProcess holder;
            lock (free)
            {
                holder = free.FirstOrDefault(each => each.Name == name) ?? free.First();
                free.Remove(holder);
            }

            log.Note($"Fault: {plan}{(holder.Name == plan.Target ? "" : $", which is {holder.Name}")}");
            var from = Clock.Now;
            await RunAsync(plan, holder);
            log.Note($"Healed: {plan.Kind} {holder.Name}");
            done.Enqueue(new(plan, holder.Name, from, Clock.Now));
            lock (free)
            {
                free.Add(holder);
            }
        }));
        return [.. done.OrderBy(fault => fault.From)];
    }

    private static async Task RunAsync(FaultPlan plan, SupervisedProcess holder)
    {
        if (plan.Kind == FaultKind.HangHolder)
        {
            await holder.HangAsync();
            await Task.Delay(plan.For);
            await holder.GoOnAsync();
            return;
        }

        await holder.KillAsync();
        await Task.Delay(plan.For);
        holder.Start();
    }

    private static double Between(Random random, double from, double to) => from + ((to - from) * random.NextDouble());
}
