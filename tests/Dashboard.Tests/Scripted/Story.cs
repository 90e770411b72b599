using Admission.Capacity;
using Admission.Dashboard.Feed;
using Admission.Grains;

namespace Admission.Dashboard.Tests.Scripted;

/// <summary>Backends as an operator may find them at three in the morning: the same at the same instant, always.</summary>
public static class Story
{
    private static readonly string[] Names =
    [
        "model-server", "checkout", "search", "thumbnails", "mysql-reporting", "billing", "geocoder", "embeddings", "pdf-render", "payments-eu", "mailer", "recommendations",
    ];

    /// <summary>So many backends at an instant, the first few in trouble.</summary>
    public static Overview Overview(DateTimeOffset at, int count = 12) =>
        new(at, [.. Enumerable.Range(0, count).Select(index => Row(at, index)).OrderByDescending(row => row.Trouble).ThenBy(row => row.Id, StringComparer.Ordinal)], 0, TimeSpan.FromMilliseconds(12), null);

    /// <summary>One backend of them.</summary>
    public static BackendRow Row(DateTimeOffset at, int index)
    {
        var name = index < Names.Length ? Names[index] : $"service-{index:0000}";
        var limit = 4 + (index * 7 % 60);
        var line = Line(at, index, limit);
        var last = line[^1];
        var row = new BackendRow
        {
            Id = name, Status = "granting", Limit = limit, InUse = last.InUse, Idle = Math.Min(2, limit - last.InUse), Quarantined = 0, Waiting = last.Waiting, QueueCapacity = 100,
            RefusedPerSecond = last.RefusedPerSecond, ServedPerSecond = last.ServedPerSecond, WaitP50 = TimeSpan.FromMilliseconds(last.Waiting * 7), WaitP99 = TimeSpan.FromMilliseconds(4 + (last.Waiting * 41)),
            Utilisation = last.InUse / (double)limit, Line = line, Epoch = 3 + index, Silo = $"silo-{index % 3}@10.0.0.{index % 3}:11111", Since = at.AddHours(-5), Holders = 3, Destinations = 2, Withheld = 0,
            PolicyVersion = 2, AnsweredAt = at,
        };
        return index switch
        {
            0 => Trouble(row with { InUse = limit, Utilisation = 1, Waiting = 96, RefusedPerSecond = 14.2, WaitP99 = TimeSpan.FromSeconds(4.8), WaitP50 = TimeSpan.FromSeconds(2.1) },
                (TroubleKind.Refusing, 60, "14 refused/s: queue full"), (TroubleKind.Queueing, 20, "96 wait, nothing free for 42 s")),
            1 => Trouble(row with { Withheld = 1 }, (TroubleKind.Withheld, 70, "1 of 2 destinations is withheld")),
            2 => Trouble(row with { Status = "unreachable", UnreachableSince = at.AddSeconds(-34), AnsweredAt = at.AddSeconds(-34), Error = "The silo that has it does not answer." }, (TroubleKind.Unreachable, 100, "no answer for 34 s")),
            3 => Trouble(row with { IsPaused = true, Limit = 0, InUse = 0, Utilisation = null, Waiting = 12 }, (TroubleKind.Paused, 10, "paused by ada")),
            4 => Trouble(row with { InUse = limit, Utilisation = 1, Waiting = 8 }, (TroubleKind.Queueing, 20, "8 wait, nothing free for 3 s")),
            5 => Trouble(row with { Quarantined = 3, InUse = 9, Limit = 24, Utilisation = 0.5 }, (TroubleKind.LeaseLost, 30, "a lease was lost 40 s ago"), (TroubleKind.Quarantined, 5, "3 permits in quarantine")),
            _ => row,
        };
    }

    /// <summary>One backend in full.</summary>
    public static BackendPage Page(DateTimeOffset at, int index = 0)
    {
        var row = Row(at, index);
        return new BackendPage
        {
            At = at,
            Row = row,
            Destinations =
            [
                new DestinationRow("gpu-a", 2, 2, 2, "in-service", null, false),
                new DestinationRow("gpu-b", 2, 1, 0, "withheld", TimeSpan.FromSeconds(8), false),
                new DestinationRow("gpu-c", 0, 1, 0, "draining", null, true),
            ],
            Holders =
            [
                new HolderRow("gateway-7f9c-21716-6a22e9bf-1", 1, true, 3, 3, 0, 61, "gateway", TimeSpan.FromSeconds(0.4), TimeSpan.FromSeconds(9.6)),
                new HolderRow("gateway-5b1d-18223-12bb01aa-1", 2, false, 1, 1, 0, 35, "gateway", TimeSpan.FromSeconds(1.8), TimeSpan.FromSeconds(8.2)),
            ],
            Queue = new QueuePage(
                96,
                [new QueueGroup(0, "critical", null, 4, 4, TimeSpan.FromSeconds(0.2)), new QueueGroup(10, "normal", "acme", 61, 70, TimeSpan.FromSeconds(4.2)), new QueueGroup(20, "background", "nightly", 31, 31, TimeSpan.FromSeconds(12))],
                [.. Enumerable.Range(0, 6).Select(place => new QueueTicket($"AQAAAAAAAAG3NEX3NOITN{place}", "gateway-7f9c-21716-6a22e9bf-1", place == 0 ? "critical" : "normal", place == 0 ? null : "acme", 1 + (place / 4), TimeSpan.FromSeconds(4.2 - (place * 0.3)), TimeSpan.FromSeconds(5.8 + (place * 0.3))))]),
            Decisions = new DecisionsPage(
                [.. Enumerable.Range(0, 8).Select(place => new DecisionRow(
                    5120 - place, at.AddSeconds(-place * 1.7), $"AQAAAAAAAAG3NEX3NOITN{place}A", place == 3 ? "waited" : "refused", place == 3 ? null : place % 3 == 0 ? "deadline" : "queue-full",
                    place == 3 ? "It waited 5.2 s behind 61 others of its priority and was served." : "All 4 permits were in use and all 100 places in the queue were taken, the last of them for 42 s.", "gateway-7f9c-21716-6a22e9bf-1", place % 2 == 1, place % 2 == 0 ? "acme" : null,
                    "normal", 1, TimeSpan.FromSeconds(place == 3 ? 5.2 : 0)))],
                5121, 812, [new ReasonCount("queue-full", 154), new ReasonCount("deadline", 46)], null),
            Policy = Policy(at, row),
            Faults = [new FaultRow(at.AddSeconds(-40), row.Id, "withheld", "Destination gpu-b was withheld after 5 failures in a row."), new FaultRow(at.AddHours(-5), row.Id, "recovery", "The ledger moved to silo-0 and recovered within 0.8 s.")],
            RetryAfter = 2,
        };
    }

    /// <summary>The policy of one.</summary>
    public static PolicyPage Policy(DateTimeOffset at, BackendRow row)
    {
        var configured = new BackendPolicy
        {
            Destinations = [new DestinationLimit("gpu-a", 2), new DestinationLimit("gpu-b", 2), new DestinationLimit("gpu-c", 2)],
            Overflow = Overflow.Wait, QueueCapacity = 100, MaxWait = TimeSpan.FromSeconds(10),
        };
        return new PolicyPage(
            7, configured, configured, row.IsPaused, true, [new PriorityRow("critical", 0, 0, 0), new PriorityRow("normal", 10, 20, 10), new PriorityRow("background", 20, 5, 5)],
            [
                new ChangeRow(row.Id, 7, at.AddMinutes(-3), "ada", [new FieldChange("destinations.gpu-c.drained", "false", "true")], 0),
                new ChangeRow(row.Id, 6, at.AddMinutes(-17), "ada", [new FieldChange("priorities.normal.share", "10", "20"), new FieldChange("queueCapacity", "50", "100")], 0),
                new ChangeRow(row.Id, 5, at.AddHours(-5), null, [new FieldChange("limit", null, "6")], 2),
            ]);
    }

    /// <summary>The cluster.</summary>
    public static ClusterPage Cluster(DateTimeOffset at) => new(
        at, "cluster", "production", EngineInfo.Current, new ProcessRow("silo-0", "node-a", 4711, "0.1.0", at.AddDays(-3)),
        [
            new SiloPage("silo-0", "node-a", "10.0.0.5:11111", "active", TimeSpan.FromDays(3), TimeSpan.FromSeconds(1.2), 341, TimeSpan.FromSeconds(1)),
            new SiloPage("silo-1", "node-b", "10.0.0.6:11111", "active", TimeSpan.FromDays(3), TimeSpan.FromSeconds(2.8), 330, TimeSpan.FromSeconds(2)),
            new SiloPage("silo-2", "node-c", "10.0.0.7:11111", "dead", TimeSpan.FromHours(2), TimeSpan.FromMinutes(4), null, null),
        ],
        [new ProcessHolds("gateway-7f9c-21716-6a22e9bf", false, 12, 84, 71, 96, TimeSpan.FromSeconds(9.1)), new ProcessHolds("gateway-5b1d-18223-12bb01aa", false, 12, 60, 51, 12, TimeSpan.FromSeconds(8.4))],
        [new FaultRow(at.AddMinutes(-4), "checkout", "recovery", "Its ledger moved from silo-2 and recovered within 2.1 s."), new FaultRow(at.AddMinutes(-4), "billing", "lease-lost", "The lease of gateway-11aa ran out; 3 permits went into quarantine.")],
        ["The versions of other processes."]);

    /// <summary>Counts of jobs.</summary>
    public static JobCounts Jobs(DateTimeOffset at) => new(
        at, true,
        [
            new JobStateCount("pdf-render", "queued", 1204, TimeSpan.FromMinutes(12)), new JobStateCount("pdf-render", "running", 8, TimeSpan.FromSeconds(40)), new JobStateCount("pdf-render", "done", 88_120, TimeSpan.FromHours(20)),
            new JobStateCount("pdf-render", "dead", 3, TimeSpan.FromHours(9)), new JobStateCount("mailer", "queued", 2, TimeSpan.FromSeconds(3)), new JobStateCount("mailer", "delayed", 5, TimeSpan.FromMinutes(2)),
            new JobStateCount("mailer", "done", 4031, TimeSpan.FromHours(23)),
        ],
        null);

    private static BackendRow Trouble(BackendRow row, params (TroubleKind Kind, int Weight, string Words)[] troubles) => row with
    {
        Troubles = [.. troubles.OrderByDescending(each => each.Weight).Select(each => new TroubleReason(each.Kind, each.Weight, each.Words))],
        Trouble = troubles.Sum(each => each.Weight),
    };

    private static List<LinePoint> Line(DateTimeOffset at, int index, int limit)
    {
        var end = new DateTimeOffset(at.Ticks - (at.Ticks % LinePoint.Length.Ticks), TimeSpan.Zero);
        return [.. Enumerable.Range(0, 180).Select(back => Point(end - (LinePoint.Length * (179 - back)), index, limit))];
    }

    private static LinePoint Point(DateTimeOffset at, int index, int limit)
    {
        var phase = (at.ToUnixTimeSeconds() / 5.0) + (index * 13);
        var load = 0.55 + (0.35 * Math.Sin(phase / 23)) + (0.12 * Math.Sin(phase / 3.1)) + (index is 0 or 4 ? 0.35 : 0);
        var inUse = (int)Math.Clamp(Math.Round(load * limit), 0, limit);
        var over = load > 1 ? (int)((load - 1) * 200) : 0;
        return new LinePoint(at, limit, inUse, over, index == 0 && over > 30 ? over : 0, inUse * 9);
    }
}
