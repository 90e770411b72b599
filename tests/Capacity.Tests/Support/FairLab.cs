namespace Admission.Capacity.Tests;

/// <summary>
/// A ticket queue before so many servers, in virtual time: ten modest tenants that ask at random (Poisson) for a part of their share, and a greedy one that always
/// has tickets waiting, or is not there.
/// </summary>
/// <remarks>
/// Arrivals, the times of the modest requests and those of the greedy ones are three streams of random numbers. So with and without the greedy tenant, and with every scheme, the same requests come at the
/// same instants and take as long, and what differs is the order alone. The first fifth is not counted: by then the greedy one has used the credit that it began with.
/// </remarks>
internal sealed class FairLab
{
    private const int Modest = 10;
    private const int Backlog = 60;

    private readonly Random _arrivals;
    private readonly Random _modestTimes;
    private readonly Random _greedyTimes;

    public FairLab(int seed = 4711) => (_arrivals, _modestTimes, _greedyTimes) = (new Random(seed), new Random(seed + 1), new Random(seed + 2));

    public required int Limit { get; init; }

    /// <summary>What the modest tenants ask for, of their share.</summary>
    public required double Part { get; init; }

    public FairScheme Scheme { get; init; }

    /// <summary>Every request takes one unit of time; else they take one on average, exponentially distributed.</summary>
    public bool Constant { get; init; }

    public int Requests { get; init; } = 8_000;

    /// <summary>The permits that the greedy tenant was granted, of all.</summary>
    public double GreedyPart { get; private set; }

    /// <summary>The part of the servers that the modest tenants keep busy.</summary>
    public double Busy => Part * Modest / (Modest + 1);

    /// <summary>
    /// What a greedy tenant does where the modest ones are always served first, in order of arrival, and times are exponential: the chance that a modest one waits without it, and the p99 of the waits without and beside it. Without it that is an M/M/c queue (Erlang C); beside the greedy one
    /// all servers are always busy, so requests wait as long as they stay in an M/M/1 queue whose server is as fast as all of them: P(wait &gt; t) = exp(-limit (1 - busy) t).
    /// </summary>
    public static (double Waits, double Alone, double Beside) Best(int limit, double busy)
    {
        var (term, sum) = (1.0, 0.0);
        for (var k = 0; k < limit; k++)
        {
            sum += term;
            term *= limit * busy / (k + 1);
        }

        var waits = term / (1 - busy) / (sum + (term / (1 - busy)));
        var rate = limit * (1 - busy);
        return (waits, Math.Max(0, Math.Log(100 * waits)) / rate, Math.Log(100) / rate);
    }

    /// <summary>The p99 of the waits of the modest tenants, in mean service times.</summary>
    public double P99(bool greedy)
    {
        var builder = new QueueBuilder(new QueueOrder { TenantBurst = Scheme == FairScheme.Plain ? 0 : null }, Limit);
        var events = new PriorityQueue<bool, double>();
        var came = new Dictionary<long, (double At, double Takes)>();
        var waits = new List<double>(Requests);
        var gap = 1 / (Limit * Busy);
        var (now, free, greedyWaiting, warmUp) = (0.0, Limit, 0, Requests / 4);
        var (granted, grantedGreedy) = (0, 0);
        var hisPriority = Scheme is FairScheme.Ours or FairScheme.Plain ? Priorities.Normal : Priorities.Background;
        events.Enqueue(true, Exponential(_arrivals, gap));
        while (waits.Count < Requests)
        {
            for (; greedy && greedyWaiting < Backlog; greedyWaiting++)
            {
                builder.Add("greedy", hisPriority);
            }

            Serve();
            events.TryDequeue(out var isArrival, out now).ShouldBeTrue();
            if (isArrival)
            {
                var tenant = $"t{_arrivals.Next(Modest)}";
                came.Add(builder.Add(Scheme == FairScheme.OwnPriorityInOrder ? null : tenant).Arrival, (now, Time(_modestTimes)));
                events.Enqueue(true, now + Exponential(_arrivals, gap));
            }
            else
            {
                free++;
            }

            Serve();
        }

        GreedyPart = grantedGreedy / (double)granted;
        waits.Sort();
        return waits[waits.Count * 99 / 100];

        void Serve()
        {
            for (; free > 0 && builder.Serve() is { } ticket; free--)
            {
                var takes = 0.0;
                if (!came.Remove(ticket.Arrival, out var modest))
                {
                    greedyWaiting--;
                    grantedGreedy++;
                    takes = Time(_greedyTimes);
                }
                else if (--warmUp < 0)
                {
                    waits.Add(now - modest.At);
                }

                granted++;
                events.Enqueue(false, now + takes + modest.Takes);
            }
        }
    }

    private static double Exponential(Random random, double mean) => mean * -Math.Log(1 - random.NextDouble());

    private double Time(Random random) => Constant ? 1 : Exponential(random, 1);
}
