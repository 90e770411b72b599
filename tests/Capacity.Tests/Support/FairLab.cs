namespace Admission.Capacity.Tests;

/// <summary>
/// A ticket queue before so many servers, in virtual time: ten modest tenants that ask at random (Poisson) for a part of their share, and a greedy one that always
/// has tickets waiting, or is not there.
/// </summary>
internal sealed class FairLab
{
    private const int Modest = 10;
    private const int Backlog = 60;

    public required int Limit { get; init; }

    /// <summary>What the modest tenants ask for, of their share.</summary>
    public required double Part { get; init; }

    /// <summary>Every request takes one unit of time; else they take one on average, exponentially distributed.</summary>
    public bool Constant { get; init; }

    /// <summary>The burst credit; null for the default.</summary>
    public int? Burst { get; init; }

    /// <summary>The modest tenants are of a higher priority: the most that anybody could do for them without leaving servers idle.</summary>
    public bool Preferred { get; init; }

    public int Requests { get; init; } = 6_000;

    /// <summary>The p99 of the waits of the modest tenants, in mean service times.</summary>
    public double P99(bool greedy)
    {
        var random = new Random(4711);
        var builder = new QueueBuilder(new QueueOrder { TenantBurst = Burst }, Limit);
        var events = new PriorityQueue<int, double>();
        var cameAt = new Dictionary<long, double>();
        var waits = new List<double>(Requests);
        var perTenant = Limit * Part / (Modest + 1);
        var (now, free, greedyWaiting) = (0.0, Limit, 0);
        for (var tenant = 1; tenant <= Modest; tenant++)
        {
            events.Enqueue(tenant, Exponential(1 / perTenant));
        }

        while (waits.Count < Requests)
        {
            for (; greedy && greedyWaiting < Backlog; greedyWaiting++)
            {
                builder.Add("t0", Preferred ? Priorities.Background : Priorities.Normal);
            }

            Serve();
            events.TryDequeue(out var next, out now).ShouldBeTrue();
            if (next == 0)
            {
                free++;
            }
            else
            {
                cameAt.Add(builder.Add($"t{next}").Arrival, now);
                events.Enqueue(next, now + Exponential(1 / perTenant));
            }

            Serve();
        }

        waits.Sort();
        return waits[waits.Count * 99 / 100];

        void Serve()
        {
            for (; free > 0 && builder.Serve() is { } ticket; free--)
            {
                if (cameAt.Remove(ticket.Arrival, out var since))
                {
                    waits.Add(now - since);
                }
                else
                {
                    greedyWaiting--;
                }

                events.Enqueue(0, now + (Constant ? 1 : Exponential(1)));
            }
        }

        double Exponential(double mean) => mean * -Math.Log(1 - random.NextDouble());
    }
}
