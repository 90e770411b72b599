using System.CommandLine;
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
            new Example("admission backends --json | jq -r '.[] | select(.queued > 0).id'", "those where somebody waits"))
    {
        _backend = KnownNames.Backend(context, "Only this backend, in parts.");
        _backend.Arity = ArgumentArity.ZeroOrOne;
        Add(_backend);
    }

    protected override Work Read(OptionValues values) => values.Text(_backend) is { } id ? session => OneAsync(session, id) : AllAsync;

    private static async Task<int> AllAsync(Session session)
    {
        var answer = await session.GetAsync("backends");
        if (session.WantsJson)
        {
            session.Print(answer.Body);
            return ExitCodes.Done;
        }

        var backends = answer.As<BackendView[]>();
        if (backends.Length == 0)
        {
            session.Sheet.Line("No backend has a policy: Admission:Backends in the gateway's configuration is empty.");
            return ExitCodes.Done;
        }

        session.Sheet.Table(
            ["backend", "state", "#limit", "#in use", "#idle", "#waiting", "#places", "trouble"],
            backends.Select(backend => (IReadOnlyList<Cell>)Row(backend)));
        return ExitCodes.Done;
    }

    private static Cell[] Row(BackendView backend)
    {
        var trouble = Trouble.Of(Standing.Of(backend));
        return
        [
            backend.Id, backend.Status, backend.Limit, backend.InUse, backend.Idle, backend.Queued, Places(backend),
            new Cell(string.Join(", ", trouble.Reasons.Append(backend.Adjusted == true ? "(adjusted)" : "").Where(text => text.Length > 0)), trouble.Level),
        ];
    }

    private static Cell Places(BackendView backend) => backend.Policy?.QueueCapacity;

    private static async Task<int> OneAsync(Session session, string id)
    {
        var answer = await session.GetAsync(AdminApi.Backend(id));
        var backend = answer.As<BackendView>();

        // What is not protected has no queue, and a ledger that does not answer tells of none.
        var queue = await session.Api.AskAsync(HttpMethod.Get, AdminApi.Backend(id, "/tickets"), session.Stop);
        if (session.WantsJson)
        {
            var document = JsonNode.Parse(answer.Body.GetRawText())!.AsObject();
            document["queue"] = queue.Problem is null ? JsonNode.Parse(queue.Body.GetRawText()) : null;
            session.Print(document);
            return ExitCodes.Done;
        }

        new BackendSheet(session.Sheet).Write(backend, queue.Problem is null ? queue.As<TicketsView>() : null);
        return ExitCodes.Done;
    }
}
