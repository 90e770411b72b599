using System.Text.Json;
using System.Text.Json.Nodes;
using Admission.Cli.Gateway;
using Admission.Cli.Help;
using Admission.Grains.Hosting;

namespace Admission.Cli.ClusterCommands;

/// <summary><c>admission version</c>: of this command line, and of the gateway if it answers.</summary>
internal sealed class VersionCommand(CommandContext context)
    : GatewayCommand(
        "version", "The version of this command line, and of the gateway.", context, new Example("admission version", "the gateway's too, if it answers"), new Example("admission --version", "only this command line's"))
{
    public override string More => "A gateway that does not answer is told, with exit code 3.";

    protected override Work Read(OptionValues values) => TellAsync;

    private static async Task<int> TellAsync(Session session)
    {
        var (answer, failure) = await TryAskAsync(session);
        if (session.WantsJson)
        {
            session.Print(new JsonObject
            {
                ["cli"] = CliVersion.Current,
                ["url"] = session.Api.Connection.Url.AbsoluteUri,
                ["gateway"] = answer is { } given ? JsonNode.Parse(given.GetRawText()) : null,
            });
        }
        else
        {
            session.Sheet.Line($"admission {CliVersion.Current}");
            if (answer is { } given)
            {
                var gateway = given.Deserialize<VersionView>(Output.Json.Document)!;
                session.Sheet.Line($"gateway   {gateway.Version} at {session.Api.Connection.Url}, engine {gateway.Engine}");
            }
        }

        return failure is null ? ExitCodes.Done : throw failure;
    }

    private static async Task<(JsonElement? Answer, CommandFailedException? Failure)> TryAskAsync(Session session)
    {
        try
        {
            return ((await session.GetAsync("version")).Body, null);
        }
        catch (CommandFailedException failed)
        {
            return (null, failed);
        }
    }
}
