using System.Diagnostics;

namespace Admission.Decision;

/// <summary>What one decision took.</summary>
/// <param name="Nanoseconds">Of a thread, the median of batches.</param>
/// <param name="Mean">The mean over all of the time, what else the machine did included.</param>
/// <param name="Bytes">Allocated.</param>
internal readonly record struct DecisionCost(double Nanoseconds, double Mean, double Bytes);

/// <summary>Decides as fast as it can on some threads.</summary>
internal static class DecisionLoop
{
    private const int Batch = 10_000;

    private static readonly TimeSpan Warm = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestBatch = TimeSpan.FromMicroseconds(5);

    /// <summary>Measures for so long, after a second to warm up (compiled, and grown to size).</summary>
    /// <exception cref="InvalidOperationException">A decision was not the expected one: the loop would measure something else.</exception>
    public static DecisionCost Measure<T>(T decision, bool admitted, int threads, TimeSpan time)
        where T : struct, IDecision
    {
        _ = Run(decision, admitted, threads, Warm);
        return Run(decision, admitted, threads, time);
    }

    private static DecisionCost Run<T>(T decision, bool admitted, int threads, TimeSpan time)
        where T : struct, IDecision
    {
        using var start = new Barrier(threads);
        var costs = new DecisionCost[threads];
        Exception? failure = null;
        var workers = Enumerable.Range(0, threads).Select(number => new Thread(() =>
        {
            try
            {
                start.SignalAndWait();
                costs[number] = Loop(decision, admitted, time);
            }
            catch (InvalidOperationException exception)
            {
                failure = exception;
            }
        })).ToArray();
        Array.ForEach(workers, worker => worker.Start());
        Array.ForEach(workers, worker => worker.Join());
        return failure is null ? new(costs.Average(cost => cost.Nanoseconds), costs.Average(cost => cost.Mean), costs.Average(cost => cost.Bytes)) : throw failure;
    }

    /// <summary>The median of batches, because a batch in which the processor was somebody else's says nothing of the decision.</summary>
    private static DecisionCost Loop<T>(T decision, bool admitted, TimeSpan time)
        where T : struct, IDecision
    {
        var batches = new List<long>((int)(time / ShortestBatch));
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var begin = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(begin) < time && batches.Count < batches.Capacity)
        {
            var start = Stopwatch.GetTimestamp();
            Decide(decision, admitted);
            batches.Add(Stopwatch.GetTimestamp() - start);
        }

        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        batches.Sort();
        var decisions = (double)batches.Count * Batch;
        return new(Stopwatch.GetElapsedTime(0, batches[batches.Count / 2]).TotalNanoseconds / Batch, Stopwatch.GetElapsedTime(0, batches.Sum()).TotalNanoseconds / decisions, allocated / decisions);
    }

    private static void Decide<T>(T decision, bool admitted)
        where T : struct, IDecision
    {
        for (var i = 0; i < Batch; i++)
        {
            if (decision.Decide() != admitted)
            {
                throw new InvalidOperationException($"{typeof(T).Name} was {(admitted ? "refused" : "admitted")}.");
            }
        }
    }
}
