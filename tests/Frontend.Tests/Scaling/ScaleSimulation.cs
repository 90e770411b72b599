using Admission.Frontend.Scaling;

namespace Admission.Frontend.Tests.Scaling;

/// <summary>
/// A backend of instances that do one thing at a time (1 s each), one queue of 100 before it, and an autoscaler of Kubernetes that follows <see cref="ScaleSignal"/> as k8s/samples/autoscale has it: every 15 s,
/// from none to one, up by its default policy (the double, or four more), down to the highest wish of the last 5 minutes, 20 at most, with its tolerance of 10 %. A new instance is ready after 20 s. Arrivals are random
/// (Poisson), from a seed.
/// </summary>
internal static class ScaleSimulation
{
    private const double Step = 0.1;
    private const double Service = 1;
    private const double Every = 15;
    private const double Start = 20;
    private const double Window = 300;
    private const double Tolerance = 0.1;
    private const int Queue = 100;
    private const int Most = 20;

    /// <param name="Minute">When.</param>
    /// <param name="Replicas">Instances that are wanted then.</param>
    /// <param name="Demand">In use and waiting.</param>
    /// <param name="Waiting">Waiting.</param>
    /// <param name="Refused">Refused so far, because the queue was full.</param>
    public readonly record struct Reading(double Minute, int Replicas, int Demand, int Waiting, int Refused);

    public static IReadOnlyList<Reading> Run(int seed, int minutes, Func<double, double> ratePerSecond)
    {
        var random = new Random(seed);
        var (running, ready) = (new List<double>(), new List<double>());
        var wishes = new Queue<(double At, int Wish)>();
        var readings = new List<Reading>();
        var (waiting, refused, replicas) = (0, 0, 0);
        for (var tick = 0; tick * Step < minutes * 60; tick++)
        {
            var now = tick * Step;
            running.RemoveAll(end => end <= now);
            var (mean, come) = (ratePerSecond(now / 60) * Step, 0);
            for (var left = Math.Exp(-mean); random.NextDouble() is var drawn && (left /= drawn) < 1; come++)
            {
                // Knuth's way to a Poisson number: as many draws as their product stays above exp(-mean).
            }

            refused += Math.Max(0, waiting + come - Queue);
            waiting = Math.Min(Queue, waiting + come);
            for (var places = ready.Count(at => at <= now) - running.Count; places > 0 && waiting > 0; places--, waiting--)
            {
                running.Add(now + Service);
            }

            if (tick % (int)(Every / Step) != 0)
            {
                continue;
            }

            var demand = running.Count + waiting;
            replicas = Decide(now, demand, replicas, wishes);
            while (ready.Count < replicas)
            {
                ready.Add(now + Start);
            }

            // The newest go first, and what runs there finishes.
            ready.RemoveRange(replicas, ready.Count - replicas);
            readings.Add(new Reading(now / 60, replicas, demand, waiting, refused));
        }

        return readings;
    }

    private static int Decide(double now, int demand, int replicas, Queue<(double At, int Wish)> wishes)
    {
        var wish = ScaleSignal.Desired(demand, perReplica: 1, ScaleSignal.DefaultTarget);
        if (replicas > 0 && wish > 0 && Math.Abs(((double)wish / replicas) - 1) <= Tolerance)
        {
            wish = replicas;
        }

        wish = Math.Min(Most, replicas == 0 ? Math.Min(wish, 1) : Math.Min(wish, Math.Max(2 * replicas, replicas + 4)));
        wishes.Enqueue((now, wish));
        while (wishes.Peek().At < now - Window)
        {
            wishes.Dequeue();
        }

        return Math.Max(wish, Math.Min(replicas, wishes.Max(each => each.Wish)));
    }
}
