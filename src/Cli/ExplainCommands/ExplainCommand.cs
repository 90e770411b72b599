using System.CommandLine;
using Admission.Cli.Gateway;
using Admission.Cli.Help;
using Admission.Cli.Output;
using Admission.Frontend.Api;

namespace Admission.Cli.ExplainCommands;

/// <summary><c>admission explain</c>: why one request was refused or waited, or why a backend refuses at present.</summary>
internal sealed class ExplainCommand : GatewayCommand
{
    /// <summary>Backends that are asked for a ticket at the same time.</summary>
    private const int AtOnce = 8;

    private readonly Argument<string> _ticket = new("TICKET") { Description = "The request's name: X-Admission-Ticket of its answer.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string> _backend;

    public ExplainCommand(CommandContext context)
        : base(
            "explain", "Why a request was refused or waited, or what it waits for; or why a backend refuses at present.", context,
            new Example("admission explain AQIAAAAAAAOpOFMY_O6LdQAQAAEAAAAC", "one request, of whichever backend"),
            new Example("admission explain --backend sample", "what a request would meet now, and what the last ones met"))
    {
        _backend = KnownNames.BackendOption(context, "The ticket's backend; without a ticket: the backend to be explained. Default: all are asked for the ticket.");
        Add(_ticket);
        Add(_backend);
    }

    protected override Work Read(OptionValues values)
    {
        var (ticket, backend) = (values.Text(_ticket), values.Text(_backend));
        if (ticket is null && backend is null)
        {
            values.Mistake("Say what is to be explained: a TICKET, or --backend for how a backend stands.");
        }

        return session => ticket is null ? BackendExplanation.TellAsync(session, backend ?? "") : TicketAsync(session, ticket, backend);
    }

    private static async Task<int> TicketAsync(Session session, string ticket, string? backend)
    {
        var answer = backend is null ? await SearchAsync(session, ticket) : await session.GetAsync(Path(backend, ticket));
        if (session.WantsJson)
        {
            session.Print(answer.Body);
            return ExitCodes.Done;
        }

        var (sheet, explained) = (session.Sheet, answer.As<ExplanationView>());
        sheet.Line($"{explained.State}{(explained.Reason is { } reason ? $" ({reason})" : "")} at {explained.Backend}{(explained.At is { } at ? $", {Ages.At(at)}, {Ages.Since(at, session.Now)}" : "")}");
        sheet.Line(explained.Why);
        if ((explained.Decision?.Before ?? explained.Waiting?.Before) is { } before)
        {
            sheet.Line();
            sheet.Line($"  before it   limit {before.Limit}, in use {before.InUse}, waiting {before.Queued}{(before.AheadHigher + before.AheadOwn is { } ahead ? $" ({ahead} ahead of it)" : "")}");
        }

        if (explained.Waiting is { } waiting)
        {
            sheet.Line($"  place       {waiting.Place?.ToString() ?? "-"}, waits for {waiting.WaitsFor}, for {Ages.Of(waiting.Waited)} so far");
        }

        if (explained.Decision is { } decision)
        {
            sheet.Line($"  request     tenant {decision.Tenant ?? "none"}, priority {decision.Priority}, weight {decision.Weight}; decided by the {decision.DecidedBy}, waited {Ages.Of(decision.Waited)}");
        }

        sheet.Line($"  holder      {explained.Holder ?? "-"}; told from the {explained.Source}");
        return ExitCodes.Done;
    }

    private static string Path(string backend, string ticket) => AdminApi.Backend(backend, $"/explain{new Query().With("ticket", ticket)}");

    // A ticket does not say of which backend it is.
    private static async Task<ApiAnswer> SearchAsync(Session session, string ticket)
    {
        var ids = (await session.GetAsync("backends")).As<BackendView[]>().Where(backend => backend.Status != "not-protected").Select(backend => backend.Id).ToArray();
        var silent = new List<string>();
        foreach (var some in ids.Chunk(AtOnce))
        {
            var answers = await Task.WhenAll(some.Select(id => session.Api.AskAsync(HttpMethod.Get, Path(id, ticket), session.Stop)));
            if (answers.FirstOrDefault(answer => answer.Problem is null) is { } found)
            {
                return found;
            }

            foreach (var (id, problem) in some.Zip(answers.Select(answer => answer.Problem!)))
            {
                if (problem.Reason is not "unknown-ticket" and not "ledger-unreachable")
                {
                    throw await ApiFailures.OfAsync(session.Api, problem, session.Stop);
                }

                silent.AddRange(problem.Reason == "ledger-unreachable" ? [id] : []);
            }
        }

        var rest = silent.Count > 0 ? $" The ledgers of {string.Join(", ", silent)} do not answer; try again." : "";
        throw new CommandFailedException(
            silent.Count > 0 ? ExitCodes.Unreachable : ExitCodes.Refused,
            $"None of {ids.Length} backends knows the ticket {ticket}: it was served before its wait was long enough to be recorded, or 512 newer decisions have taken its place.{rest} The last ones: admission decisions BACKEND.");
    }
}
