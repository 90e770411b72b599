using System.Globalization;
using Admission.Capacity;
using Admission.Simulator;
using Spectre.Console;

namespace Admission.Cli.Simulate;

/// <summary>Prints a report as tables, in a form that can be pasted into a document.</summary>
internal sealed class TextReport
{
    /// <summary>Tables of single backends, and rows of tenants, that are printed at most. <c>--json</c> has all.</summary>
    private const int MostBackends = 3;
    private const int MostTenants = 20;

    /// <summary>Rows of a limit over time.</summary>
    private const int MostStretches = 12;

    /// <summary>Wider than any table, so that none is broken.</summary>
    private const int Width = 400;

    private readonly TextWriter _output;

    public TextReport(TextWriter output) => _output = output;

    public void Write(SimulationReport report)
    {
        foreach (var note in report.Notes)
        {
            Line(note);
        }

        Groups("backend", report.Backends.Select(backend => (backend.Backend, backend.Result.All)));
        UseOf(report.Backends);
        foreach (var backend in report.Backends.Take(MostBackends))
        {
            Single(backend, report.Backends.Count > 1);
        }

        if (report.Backends.Count > MostBackends)
        {
            Line($"{report.Backends.Count - MostBackends} more backends are left out below the first tables; --json has them.");
        }

        if (report is { Sizing: { } sizing, Cluster: { } cluster })
        {
            Sizes(sizing);
            Cluster(cluster);
        }
    }

    private void Single(BackendReport backend, bool named)
    {
        var result = backend.Result;
        var title = named ? $" of {backend.Backend}" : "";
        if (result.FindsLimit)
        {
            LimitOverTime(title, result);
        }

        if (result.Refusals.Count > 0)
        {
            Line("");
            Line($"Refusals{title}: {string.Join(", ", result.Refusals.Select(refusal => $"{Figures.Count(refusal.Value)} {Word(refusal.Key)}"))}.");
        }

        if (result.Tenants.Count > 1)
        {
            Groups($"tenant{title}", result.Tenants.Take(MostTenants).Select(tenant => (tenant.Name.Length == 0 ? "(none)" : tenant.Name, tenant)));
            if (result.Tenants.Count > MostTenants)
            {
                Line($"and {result.Tenants.Count - MostTenants} more tenants; --json has them.");
            }
        }

        if (result.Priorities.Count > 1)
        {
            Groups($"priority{title}", result.Priorities.Select(priority => (priority.Name, priority)));
        }
    }

    private void Groups(string title, IEnumerable<(string Name, GroupResult Group)> groups)
    {
        var table = Table(title, "requests", "served", "refused", "left waiting", "left running", "timed out", "wait mean", "p50", "p95", "p99", "max");
        foreach (var (name, group) in groups)
        {
            var waits = group.Waits;
            Row(
                table,
                name, Figures.Count(group.Requests), Figures.Count(group.Served), Figures.Count(group.Refused), Figures.Count(group.Left), Figures.Count(group.Abandoned),
                Figures.Count(group.TimedOut), Figures.Time(waits.Mean), Figures.Time(waits.P50), Figures.Time(waits.P95), Figures.Time(waits.P99), Figures.Time(waits.Max));
        }

        Write(table);
    }

    private void UseOf(IReadOnlyList<BackendReport> backends)
    {
        var table = Table("backend", "limit", "most in use", "utilisation", "wasted work", "fairness", "messages per request", "duration");
        foreach (var (name, result) in backends)
        {
            Row(
                table,
                name, Limit(result), Figures.Count(result.PeakInUse), Figures.Percent(result.Utilisation), Figures.Percent(result.Wasted),
                result.Fairness?.ToString("0.000", CultureInfo.InvariantCulture) ?? "-", Figures.Number(result.Messages.Messages / (double)Math.Max(1, result.All.Requests)),
                Figures.Time(result.Span));
        }

        Write(table);
    }

    private static string Limit(ReplayResult result) => result.LowestLimit == result.HighestLimit
        ? Figures.Count(result.HighestLimit)
        : $"{Figures.Count(result.LowestLimit)} to {Figures.Count(result.HighestLimit)}, mean {Figures.Number(result.MeanLimit)}";

    private void LimitOverTime(string title, ReplayResult result)
    {
        var table = Table($"limit over time{title}", "limit", "in use", "time in use", "admitted/s", "refused/s", "wait mean");
        var width = result.Series.Width;
        var stretch = Math.Max(1, (result.Series.Buckets.Count + MostStretches - 1) / MostStretches);
        foreach (var (from, bucket, count) in result.Series.Joined(stretch))
        {
            var seconds = count * width.TotalSeconds;
            Row(
                table,
                $"from {Figures.Time(from)}", Figures.Number(bucket.Limit), Figures.Number(bucket.InUse), Figures.Time(bucket.MeanRun), Figures.Number(bucket.Admitted / seconds),
                Figures.Number(bucket.Refused / seconds), Figures.Time(bucket.MeanWait));
        }

        Write(table);
    }

    private void Sizes(SizingReport sizing)
    {
        var holders = Table("frontends", "ledger time per exchange", "messages per request", "exchanges per second", "ledger memory per holder", "frontend memory per backend");
        foreach (var point in sizing.Holders)
        {
            Row(
                holders,
                Figures.Count(point.Frontends), $"{Figures.Number(point.LedgerMicroseconds)} us", Figures.Number(point.MessagesPerRequest),
                Figures.Number(point.ExchangesPerSecond), Figures.Bytes(point.LedgerBytes), Figures.Bytes(point.FrontendBytes));
        }

        Row(
            holders,
            "grows as", Power(sizing.Holders, point => (point.Frontends, point.LedgerMicroseconds)), Power(sizing.Holders, point => (point.Frontends, point.MessagesPerRequest)),
            Power(sizing.Holders, point => (point.Frontends, point.ExchangesPerSecond)), Power(sizing.Holders, point => (point.Frontends, point.LedgerBytes)),
            Power(sizing.Holders, point => (point.Frontends, point.FrontendBytes)));
        Write(holders);

        var tickets = Table("tickets waiting", "ledger time per exchange", "ledger memory per ticket", "frontend memory per ticket");
        foreach (var point in sizing.Tickets)
        {
            Row(tickets, Figures.Count(point.Tickets), $"{Figures.Number(point.LedgerMicroseconds)} us", Figures.Bytes(point.LedgerBytes), Figures.Bytes(point.FrontendBytes));
        }

        Row(
            tickets,
            "grows as", Power(sizing.Tickets, point => (point.Tickets, point.LedgerMicroseconds)), Power(sizing.Tickets, point => (point.Tickets, point.LedgerBytes)),
            Power(sizing.Tickets, point => (point.Tickets, point.FrontendBytes)));
        Write(tickets);
    }

    private void Cluster(ClusterSize cluster)
    {
        var table = Table("the whole cluster", "");
        Row(table, "frontends, each using every backend", Figures.Count(cluster.Frontends));
        Row(table, "backends", Figures.Count(cluster.Backends));
        Row(table, "requests per second", Figures.Number(cluster.RequestsPerSecond));
        Row(table, "messages per second", Figures.Number(cluster.MessagesPerSecond));
        Row(table, "processors busy in ledgers", Figures.Number(cluster.LedgerCores));
        Row(table, "memory of all ledgers", Figures.Bytes(cluster.LedgerBytes));
        Row(table, "memory of each frontend's pools", Figures.Bytes(cluster.BytesPerFrontend));
        Write(table);
        Line("Ledger time is measured on this machine and is the ledger's own: serialization, network and grain calls come on top.");
    }

    private static string Power<T>(IReadOnlyList<T> points, Func<T, (double, double)> figure) =>
        Growth.Exponent(points.Select(figure)) is { } exponent ? string.Create(CultureInfo.InvariantCulture, $"n^{Math.Round(exponent, 2) + 0.0:0.00}") : "-";

    private static string Word(RefusalReason reason) => System.Text.Json.JsonNamingPolicy.KebabCaseLower.ConvertName(reason.ToString());

    private static Table Table(params ReadOnlySpan<string> titles)
    {
        var table = new Table().Border(TableBorder.Markdown);
        foreach (var title in titles)
        {
            var column = new TableColumn(Markup.Escape(title)) { NoWrap = true };
            table.AddColumn(table.Columns.Count == 0 ? column : column.RightAligned());
        }

        return table;
    }

    private static void Row(Table table, params string[] cells) => table.AddRow([.. cells.Select(Markup.Escape)]);

    // Without the padding that the library puts around a table.
    private void Write(Table table)
    {
        using var text = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = Width;
        console.Write(table);
        Line("");
        foreach (var line in text.ToString().Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0))
        {
            Line(line);
        }
    }

    private void Line(string text) => _output.WriteLine(text);
}
