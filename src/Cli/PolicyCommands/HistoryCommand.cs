using System.CommandLine;
using Admission.Cli.Gateway;
using Admission.Cli.Help;
using Admission.Cli.Output;
using Admission.Frontend.Api.Policies;

namespace Admission.Cli.PolicyCommands;

/// <summary><c>admission history</c>: the last changes of one backend's policy.</summary>
internal sealed class HistoryCommand : GatewayCommand
{
    private readonly Argument<string> _backend;

    public HistoryCommand(CommandContext context)
        : base(
            "history", "The last 100 changes of a backend's policy, by operators and by the configuration, the newest first.", context,
            new Example("admission history sample", ""))
    {
        _backend = KnownNames.Backend(context);
        Add(_backend);
    }

    protected override Work Read(OptionValues values)
    {
        var backend = values.Text(_backend) ?? "";
        return session => TellAsync(session, backend);
    }

    private static async Task<int> TellAsync(Session session, string backend)
    {
        var answer = await session.GetAsync(AdminApi.Backend(backend, "/policy/history"));
        if (session.WantsJson)
        {
            session.Print(answer.Body);
            return ExitCodes.Done;
        }

        session.Sheet.Table(
            ["#version", "at", "by", "changes"],
            answer.As<HistoryView>().Changes.Select(each => (IReadOnlyList<Cell>)
                [new Cell($"{each.Version}"), Ages.At(each.At), each.By ?? "the configuration", PolicyChange.Words(each.Changes, each.More)]));
        return ExitCodes.Done;
    }
}
