using System.CommandLine;
using Admission.Cli.Gateway;
using Admission.Cli.Help;
using Admission.Cli.Output;
using Admission.Frontend.Api.Policies;

namespace Admission.Cli.PolicyCommands;

/// <summary><c>admission audit</c>: what operators have changed, over all backends.</summary>
internal sealed class AuditCommand : GatewayCommand
{
    private const int Usual = 100;
    private const int Most = 1_000;

    private readonly Option<string> _backend;
    private readonly Option<string> _limit = new("--limit") { HelpName = "N", Description = "How many at most. 1 to 1000; default 100." };

    public AuditCommand(CommandContext context)
        : base(
            "audit", "What operators have changed, over all backends, the newest first.", context,
            new Example("admission audit", ""), new Example("admission audit --backend sample --limit 5", "the last five of one"))
    {
        _backend = KnownNames.BackendOption(context, "Only those of this backend.");
        Add(_backend);
        Add(_limit);
    }

    protected override Work Read(OptionValues values)
    {
        var query = new Query().With("backend", values.Text(_backend)).With("limit", values.Count(_limit, Usual, 1, Most));
        return session => TellAsync(session, query);
    }

    private static async Task<int> TellAsync(Session session, Query query)
    {
        var answer = await session.GetAsync($"audit{query}");
        if (session.WantsJson)
        {
            session.Print(answer.Body);
            return ExitCodes.Done;
        }

        var audit = answer.As<AuditView>();
        if (audit.Entries.Count == 0)
        {
            session.Sheet.Line("No operator has changed anything.");
        }
        else
        {
            session.Sheet.Table(
                ["at", "backend", "#version", "by", "changes"],
                audit.Entries.Select(each => (IReadOnlyList<Cell>)[Ages.At(each.At), each.Backend, new Cell($"{each.Version}"), each.By, PolicyChange.Words(each.Changes, each.More)]));
        }

        if (audit.Missing.Count > 0)
        {
            session.Sheet.Line(new Cell($"Not asked, because their ledgers do not answer: {string.Join(", ", audit.Missing)}.", Level.Watch));
        }

        return ExitCodes.Done;
    }
}
