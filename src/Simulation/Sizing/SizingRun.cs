namespace Admission.Simulator;

/// <summary>
/// Measures what a backend costs: ledger time for each exchange, messages for each request, memory for each holder and each ticket, and how that grows.
/// </summary>
/// <remarks>
/// Backends share nothing, neither in their ledgers nor in the pools of the frontends, so one of them is measured and the rest is a multiplication. Memory is the
/// difference of the collected heap, first with pools and ledger and then with the ledger alone. Ledger time is the time of its calls on a real clock, after a run that
/// let the compiler finish; what carries the messages (serialization, network, grain calls) is not in it.
/// </remarks>
public static class SizingRun
{
    /// <summary>The queues that are measured.</summary>
    private static readonly int[] TicketSizes = [100, 1_000, 10_000];

    private const int FrontendsOfTickets = 10;
    private const int Turns = 20_000;
    private const int MeasuredTogether = 2_000;

    /// <summary>Measures.</summary>
    /// <param name="options">The policy, and the largest number of frontends.</param>
    /// <param name="load">What one backend is offered, at each size.</param>
    /// <param name="time">A real clock.</param>
    /// <param name="cancellation">Ends it early, by an exception.</param>
    public static SizingReport Measure(ReplayOptions options, SyntheticLoad load, TimeProvider time, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(load);
        ArgumentNullException.ThrowIfNull(time);
        var most = Math.Max(100, options.Frontends);
        int[] sizes = [most / 100, most / 10, most];

        // The compiler's work is not the ledger's.
        Holders(options, load, sizes[0], time, cancellation);
        Tickets(TicketSizes[0], time);
        return new SizingReport
        {
            Holders = [.. sizes.Select(size => Holders(options, load, size, time, cancellation))],
            Tickets = [.. TicketSizes.Select(size => Tickets(size, time))],
        };
    }

    private static HolderPoint Holders(ReplayOptions options, SyntheticLoad load, int frontends, TimeProvider time, CancellationToken cancellation)
    {
        var replay = BackendReplay.Run(options with { Frontends = frontends, MeasuringTime = time }, load.Arrivals(options.Seed), cancellation);
        var counts = replay.Messages;
        var (ledger, pools) = Memory(frontends, size => HoldersOnly(size, time));
        return new HolderPoint(
            frontends,
            counts.LedgerTime.TotalMicroseconds / Math.Max(1, counts.Exchanges),
            counts.Messages / (double)Math.Max(1, replay.All.Requests),
            counts.Exchanges / Math.Max(replay.Span.TotalSeconds, 1e-9),
            ledger,
            pools);
    }

    private static TicketPoint Tickets(int tickets, TimeProvider time)
    {
        var (ledger, pools) = Memory(tickets, size => TicketsOnly(size, time));
        var cluster = TicketsOnly(tickets, time);
        cluster.ForgetCosts();
        for (var i = 0; i < Turns; i++)
        {
            cluster.Turn();
        }

        return new TicketPoint(tickets, cluster.Spent.TotalMicroseconds / Math.Max(1, cluster.Exchanges), ledger, pools);
    }

    /// <summary>Each frontend with a permit.</summary>
    private static InstantCluster HoldersOnly(int frontends, TimeProvider time)
    {
        var cluster = new InstantCluster(new BackendPolicy { Limit = Math.Max(1, frontends) }, frontends, time);
        for (var i = 0; i < frontends; i++)
        {
            cluster.Acquire(i);
        }

        return cluster;
    }

    /// <summary>Some frontends that share the tickets, behind one ticket of each and one permit in use.</summary>
    private static InstantCluster TicketsOnly(int tickets, TimeProvider time)
    {
        var policy = new BackendPolicy { Limit = 1, Overflow = Overflow.Wait, QueueCapacity = tickets + FrontendsOfTickets, MaxWait = TimeSpan.FromHours(1) };
        var cluster = new InstantCluster(policy, FrontendsOfTickets, time);
        for (var i = 0; i < tickets + FrontendsOfTickets; i++)
        {
            cluster.Acquire(i % FrontendsOfTickets);
        }

        return cluster;
    }

    /// <summary>The bytes that each of so many holders or tickets takes: in the ledger, and in the pools.</summary>
    private static (double Ledger, double Pools) Memory(int size, Func<int, InstantCluster> create)
    {
        // The heap is counted in steps of some kilobytes, so few are measured in several copies.
        var copies = Math.Max(1, MeasuredTogether / size);
        var (ledger, pools) = Memory(copies, () => create(size));
        var (emptyLedger, emptyPools) = Memory(copies, () => create(0));
        return (Math.Max(0, ledger - emptyLedger) / ((double)copies * size), Math.Max(0, pools - emptyPools) / ((double)copies * size));
    }

    private static (long Ledger, long Pools) Memory(int copies, Func<InstantCluster> create)
    {
        var clusters = new InstantCluster[copies];
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < copies; i++)
        {
            clusters[i] = create();
        }

        var both = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var cluster in clusters)
        {
            cluster.DropPools();
        }

        var ledger = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(clusters);
        return (ledger - before, both - ledger);
    }
}
