using System.Text.Json.Nodes;
using Admission.Cli.BackendCommands;
using Admission.Cli.Gateway;
using Admission.Cli.Output;
using Admission.Cli.Simulate;
using Admission.Frontend.Api;
using Admission.Frontend.Api.Operating;

namespace Admission.Cli.ExplainCommands;

/// <summary>Why a backend refuses at present, if it does: what a request would meet now, and what the last ones met.</summary>
internal static class BackendExplanation
{
    private const int MostDecisions = 512;
    private const int MostReasons = 5;

    /// <summary>Asks and tells.</summary>
    public static async Task<int> TellAsync(Session session, string backend)
    {
        var stands = await session.GetAsync(AdminApi.Backend(backend));
        var view = stands.As<BackendView>();
        var readiness = await session.Api.AskReadyAsync(view.Id, session.Stop);
        var decisions = view.Status == "not-protected" ? null : await session.GetAsync(AdminApi.Backend(view.Id, $"/decisions?limit={MostDecisions}"));
        if (session.WantsJson)
        {
            session.Print(new JsonObject { ["backend"] = Node(stands), ["ready"] = Node(readiness), ["decisions"] = Node(decisions) });
            return ExitCodes.Done;
        }

        var row = await BackendsCommand.FindRowAsync(session, view.Id);
        Write(session, view, row, readiness.Problem is null ? readiness.As<ReadyView>() : null, decisions?.As<DecisionsView>());
        return ExitCodes.Done;
    }

    private static JsonNode? Node(ApiAnswer? answer) => answer is { Problem: null } given ? JsonNode.Parse(given.Body.GetRawText()) : null;

    private static void Write(Session session, BackendView view, OverviewRowView? row, ReadyView? ready, DecisionsView? decisions)
    {
        var sheet = session.Sheet;
        sheet.Line(ready switch
        {
            null => $"{view.Id}: the gateway does not know yet what a request would meet.",
            { Limit: null, Ready: true } => $"{view.Id}: a request would be served; there is no limit in force, or nothing is known yet.",
            { Ready: true, Room: > 0 } => $"{view.Id}: a request would be served at once: {ready.Room} of {ready.Limit} permits are free.",
            { Ready: true } => $"{view.Id}: a request would wait: all {ready.Limit} permits are in use, and {ready.Places} places of the queue are free.",
            _ => $"{view.Id}: a request would be refused: {ready.Reason}. Try again in {Ages.Of(ready.RetryAfter)}.",
        });
        foreach (var trouble in row?.Troubles ?? [])
        {
            sheet.Line(new Cell($"  {trouble.Words}", Trouble.LevelOf(trouble)));
        }

        if (decisions is null or { Decisions.Count: 0 })
        {
            sheet.Line("No refusal and no long wait is recorded.");
            return;
        }

        sheet.Line();
        sheet.Table(
            ["the last", "#count", "newest", "why it was so"],
            decisions.Decisions.GroupBy(each => each.Reason ?? each.Outcome).OrderByDescending(group => group.Count()).Take(MostReasons).Select(group => (IReadOnlyList<Cell>)
                [group.Key, group.Count(), Ages.Since(group.First().At, session.Now), group.First().Why]));
        if (decisions.LeftOut > 0)
        {
            sheet.Line($"and {Figures.Count(decisions.LeftOut)} refusals by gateways themselves, which are only counted.");
        }
    }
}
