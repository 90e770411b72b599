using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Admission.Cli.Gateway;
using Admission.Cli.Help;
using Admission.Cli.Output;
using Admission.Cli.Simulate;
using Admission.Frontend.Api;
using Admission.Frontend.Api.Operating;

namespace Admission.Cli.BackendCommands;

/// <summary><c>admission backends</c>: how all of them stand, or one in parts.</summary>
internal sealed class BackendsCommand : GatewayCommand
{
    private readonly Argument<string> _backend;

    public BackendsCommand(CommandContext context)
        : base(
            "backends", "Lists the backends, or tells of one: destinations, holders, who waits.", context,
            new Example("admission backends", "all of them"),
            new Example("admission backends sample", "one, with its destinations, holders and queue"),
            new Example("admission backends --json | jq -r '.backends[] | select(.waiting > 0).id'", "those where somebody waits"))
    {
        _backend = KnownNames.Backend(context, "Only this backend, in parts.");
        _backend.Arity = ArgumentArity.ZeroOrOne;
        Add(_backend);
    }

    protected override Work Read(OptionValues values) => values.Text(_backend) is { } id ? session => OneAsync(session, id) : AllAsync;

    private static async Task<int> AllAsync(Session session)
    {
        var answer = await session.GetAsync("overview");
        if (session.WantsJson)
        {
            session.Print(answer.Body);
            return ExitCodes.Done;
        }

        var overview = answer.As<OverviewView>();
        if (overview.Backends.Count == 0)
        {
            session.Sheet.Line("No backend has a policy: Admission:Backends in the gateway's configuration is empty.");
            return ExitCodes.Done;
        }

        session.Sheet.Table(
            ["backend", "state", "#limit", "#in use", "#idle", "#waiting", "#places", "#refused/s", "#wait p99", "", "trouble"],
            overview.Backends.OrderBy(backend => backend.Id, StringComparer.OrdinalIgnoreCase).Select(backend => (IReadOnlyList<Cell>)Row(backend)));
        if (overview.LeftOut > 0)
        {
            session.Sheet.Line(new Cell($"{Figures.Count(overview.LeftOut)} more are not told.", Level.Watch));
        }

        if (overview.Problem is { } problem)
        {
            session.Sheet.Line(new Cell($"The list may be old: {problem}", Level.Watch));
        }

        return ExitCodes.Done;
    }

    private static Cell[] Row(OverviewRowView backend)
    {
        var level = Trouble.LevelOf(backend);
        return
        [
            backend.Id, new Cell(backend.Status, backend.Status == "granting" ? Level.None : level), backend.Limit, backend.InUse, backend.Idle, backend.Waiting, backend.QueueCapacity,
            backend.RefusedPerSecond is { } rate ? Figures.Number(rate) : "-", Ages.Of(backend.WaitP99), backend.Adjusted ? "adjusted" : "", new Cell(Trouble.Words(backend), level),
        ];
    }

    private static async Task<int> OneAsync(Session session, string id)
    {
        var answer = await session.GetAsync(AdminApi.Backend(id));
        var backend = answer.As<BackendView>();

        var row = await FindRowAsync(session, backend.Id);

        // What is not protected has no queue, and a ledger that does not answer tells of none.
        var queue = await session.Api.AskAsync(HttpMethod.Get, AdminApi.Backend(id, "/tickets"), session.Stop);
        if (session.WantsJson)
        {
            var document = JsonNode.Parse(answer.Body.GetRawText())!.AsObject();
            document["overview"] = JsonSerializer.SerializeToNode(row, Json.Document);
            document["queue"] = queue.Problem is null ? JsonNode.Parse(queue.Body.GetRawText()) : null;
            session.Print(document);
            return ExitCodes.Done;
        }

        new BackendSheet(session.Sheet).Write(backend, row, queue.Problem is null ? queue.As<TicketsView>() : null);
        return ExitCodes.Done;
    }

    /// <summary>A backend's row of the overview, which has rates and what is wrong; null if there is none.</summary>
    public static async Task<OverviewRowView?> FindRowAsync(Session session, string id)
    {
        var answer = await session.Api.AskAsync(HttpMethod.Get, "overview", session.Stop);
        return answer.Problem is null ? answer.As<OverviewView>().Backends.FirstOrDefault(row => row.Id == id) : null;
    }
}
