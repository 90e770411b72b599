using Admission.Cli.Output;
using Admission.Cli.Simulate;
using Admission.Frontend.Api;
using Admission.Frontend.Api.Operating;

namespace Admission.Cli.BackendCommands;

/// <summary>One backend for people.</summary>
internal sealed class BackendSheet(Sheet sheet)
{
    private const int MostTickets = 10;
    private const int MostGroups = 20;

    /// <summary>Prints it.</summary>
    /// <param name="backend">How it stands.</param>
    /// <param name="row">The same in short, with rates and what is wrong; null where that is not known.</param>
    /// <param name="queue">Who waits; null where that is not known.</param>
    public void Write(BackendView backend, OverviewRowView? row, TicketsView? queue)
    {
        sheet.Line($"{backend.Id}: {backend.Status}{(backend.Epoch is { } epoch ? $", epoch {epoch}, policy version {backend.PolicyVersion}" : "")}{(backend.Adjusted == true ? ", adjusted" : "")}");
        foreach (var trouble in row?.Troubles ?? [])
        {
            sheet.Line(new Cell($"  {trouble.Words}", Trouble.LevelOf(trouble)));
        }

        if (backend.Limit is null)
        {
            Shadow(backend.Shadow);
            return;
        }

        sheet.Line();
        sheet.Line($"  limit    {Figures.Count(backend.Limit.Value)}{Adaptive(backend.Adaptive)}");
        sheet.Line($"  in use   {backend.InUse}{(row?.Utilisation is { } share ? $" ({Figures.Percent(share)})" : "")}, idle at holders {backend.Idle}, quarantined {backend.Quarantined}");
        sheet.Line($"  waiting  {backend.Queued}{(backend.Policy is { QueueCapacity: > 0 } policy ? $" of {Figures.Count(policy.QueueCapacity)} places, up to {Ages.Of(policy.MaxWait)}" : ", nobody may")}");
        if (row is { ServedPerSecond: { } served, RefusedPerSecond: { } refused })
        {
            sheet.Line($"  lately   served {Figures.Number(served)}/s, refused {Figures.Number(refused)}/s, wait p50 {Ages.Of(row.WaitP50)}, p99 {Ages.Of(row.WaitP99)}");
        }

        if (backend.LongestWait is { } longest)
        {
            sheet.Line($"  patience clients leave after {Ages.Of(longest)}: whoever would wait longer is refused at once");
        }

        Destinations(backend);
        Holders(backend);
        Queue(queue);
        Shadow(backend.Shadow);
    }

    private static string Adaptive(AdaptiveView? adaptive) => adaptive is null ? "" : $", finds itself between {adaptive.Min} and {adaptive.Max} ({adaptive.Algorithm})";

    private void Destinations(BackendView backend)
    {
        sheet.Line();
        sheet.Table(
            ["destination", "state", "#limit", "#open", "#booked", "left"],
            backend.Destinations.Select(each => (IReadOnlyList<Cell>)
            [
                each.Id.Length == 0 ? "(all)" : each.Id, new Cell(each.State, each.State == "in-service" ? Level.None : Level.Watch), each.Limit, each.Open, each.Booked, Ages.Of(each.Left),
            ]));
    }

    private void Holders(BackendView backend)
    {
        sheet.Line();
        if (backend.Holders.Count == 0)
        {
            sheet.Line("No process holds permits.");
            return;
        }

        sheet.Table(
            ["holder", "#booked", "#in use", "#waiting", "lease left"],
            backend.Holders.Select(each => (IReadOnlyList<Cell>)[each.Holder, each.Booked, each.InUse, each.Queued, Ages.Of(each.LeaseLeft)]));
    }

    private void Queue(TicketsView? queue)
    {
        if (queue is null || queue.Total == 0)
        {
            return;
        }

        sheet.Line();
        sheet.Table(
            ["priority", "tenant", "#waiting", "#permits", "longest"],
            queue.Groups.Take(MostGroups).Select(each => (IReadOnlyList<Cell>)[each.Priority, each.Tenant ?? "-", each.Count, Figures.Count(each.Permits), Ages.Of(each.Longest)]));
        sheet.Line();
        sheet.Table(
            ["ticket", "#priority", "tenant", "#weight", "waited", "left"],
            queue.Tickets.Take(MostTickets).Select(each => (IReadOnlyList<Cell>)
                [each.Ticket, each.Priority, each.Tenant ?? "-", each.Weight, Ages.Of(each.Waited), Ages.Of(each.Left)]));
        if (queue.Total > MostTickets)
        {
            sheet.Line($"and {Figures.Count(queue.Total - Math.Min(MostTickets, queue.Tickets.Count))} more, in the order in which they reached the ledger.");
        }
    }

    private void Shadow(ShadowView? shadow)
    {
        if (shadow is not { Cluster: { } counts })
        {
            return;
        }

        sheet.Line();
        sheet.Line($"In shadow, since {Ages.At(counts.Since)}: of {Figures.Count(counts.Requests)} requests {Figures.Count(counts.AdmittedAtOnce)} admitted at once, "
            + $"{Figures.Count(counts.Waited.Count)} after a wait (p99 {Ages.Of(counts.Waited.P99)}), {Figures.Count(counts.Refused)} refused, {Figures.Count(counts.GaveUp)} gave up.");
    }
}
