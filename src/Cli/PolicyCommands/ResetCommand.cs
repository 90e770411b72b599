using System.CommandLine;
using Admission.Cli.Gateway;
using Admission.Cli.Help;

namespace Admission.Cli.PolicyCommands;

/// <summary><c>admission reset</c>: takes back all that operators have changed of a backend's policy.</summary>
internal sealed class ResetCommand : GatewayCommand
{
    private readonly Argument<string> _backend;

    public ResetCommand(CommandContext context)
        : base(
            "reset", "Takes back all that operators have changed of a backend's policy: it is as configured then.", context, new Example("admission reset sample", "asks first, showing what"))
    {
        _backend = KnownNames.Backend(context);
        Add(_backend);
        Add(Confirmation.Yes);
    }

    public override string More => Confirmation.Words;

    protected override Work Read(OptionValues values)
    {
        var (backend, yes) = (values.Text(_backend) ?? "", values.Switch(Confirmation.Yes));
        return session => ResetAsync(session, backend, yes);
    }

    private static async Task<int> ResetAsync(Session session, string backend, bool yes)
    {
        var answer = await session.GetAsync(AdminApi.Backend(backend, "/policy"));
        if (answer.Body.GetProperty("adjustment") is not { ValueKind: System.Text.Json.JsonValueKind.Object } adjustment)
        {
            if (session.WantsJson)
            {
                session.Print(answer.Body);
            }
            else
            {
                session.Sheet.Line($"{backend}: nothing is adjusted; the policy is as configured.");
            }

            return ExitCodes.Done;
        }

        await session.ConfirmAsync($"{backend}: take back {adjustment.GetRawText()}?", yes);
        return await PolicyChange.TellAsync(
            session, backend, session.Api.AskAsync(HttpMethod.Delete, AdminApi.Backend(backend, "/policy/adjustment"), session.Stop, ifMatch: answer.ETag ?? "*"));
    }
}
