using System.CommandLine;
using Admission.Cli.Gateway;
using Admission.Cli.Help;
using Admission.Cli.Output;
using Admission.Cli.Simulate;
using Admission.Frontend.Api;

namespace Admission.Cli.ExplainCommands;

/// <summary><c>admission decisions</c>: the last refusals and long waits of a backend.</summary>
internal sealed class DecisionsCommand : GatewayCommand
{
    private const int Usual = 20;
    private const int Most = 512;

    private readonly Argument<string> _backend;
    private readonly Option<string> _limit = new("--limit") { HelpName = "N", Description = "How many at most. 1 to 512, which is how many a ledger keeps; default 20." };
    private readonly Option<string> _reason = new("--reason") { HelpName = "REASON", Description = "Only refusals by this rule, such as queue-full." };
    private readonly Option<string> _outcome = new("--outcome") { HelpName = "OUTCOME", Description = "Only those: refused, waited or displaced." };
    private readonly Option<string> _tenant = new("--tenant") { HelpName = "TENANT", Description = "Only those of this tenant." };
    private readonly Option<string> _before = new("--before") { HelpName = "NUMBER", Description = "Only those with lower numbers: the next page." };

    public DecisionsCommand(CommandContext context)
        : base(
            "decisions", "The last refusals and long waits of a backend, over all gateways, the newest first, with why.", context,
            new Example("admission decisions sample", ""), new Example("admission decisions sample --reason queue-full --tenant alice", "only some"))
    {
        _backend = KnownNames.Backend(context);
        _outcome.CompletionSources.Add("refused", "waited", "displaced");
        Add(_backend);
        foreach (var option in new[] { _limit, _reason, _outcome, _tenant, _before })
        {
            Add(option);
        }
    }

    protected override Work Read(OptionValues values)
    {
        var backend = values.Text(_backend) ?? "";
        int? before = values.Text(_before) is null ? null : values.Count(_before, 0, 0, int.MaxValue);
        var query = new Query().With("limit", values.Count(_limit, Usual, 1, Most)).With("reason", values.Text(_reason)).With("outcome", values.Text(_outcome))
            .With("tenant", values.Text(_tenant)).With("before", before);
        return session => TellAsync(session, backend, query);
    }

    private static async Task<int> TellAsync(Session session, string backend, Query query)
    {
        var answer = await session.GetAsync(AdminApi.Backend(backend, $"/decisions{query}"));
        if (session.WantsJson)
        {
            session.Print(answer.Body);
            return ExitCodes.Done;
        }

        var page = answer.As<DecisionsView>();
        if (page.Decisions.Count == 0)
        {
            session.Sheet.Line($"No such decision since {Ages.At(page.Since)}, when the ledger began to record.");
        }
        else
        {
            session.Sheet.Table(
                ["#number", "at", "outcome", "reason", "#waited", "tenant", "ticket", "why"],
                page.Decisions.Select(each => (IReadOnlyList<Cell>)
                    [new Cell($"{each.Number}"), Ages.At(each.At), each.Outcome, each.Reason ?? "-", Ages.Of(each.Waited), each.Tenant ?? "-", each.Ticket, each.Why]));
        }

        if (page.LeftOut > 0)
        {
            session.Sheet.Line($"{Figures.Count(page.LeftOut)} refusals more, by gateways themselves, were counted and not recorded one by one.");
        }

        return ExitCodes.Done;
    }
}
