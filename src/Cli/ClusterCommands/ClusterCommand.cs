using Admission.Cli.Gateway;
using Admission.Cli.Help;
using Admission.Cli.Output;
using Admission.Frontend.Api.Operating;

namespace Admission.Cli.ClusterCommands;

/// <summary><c>admission cluster</c>: silos, holders and the engine.</summary>
internal sealed class ClusterCommand(CommandContext context)
    : GatewayCommand("cluster", "The silos, the processes that hold permits, and the engine; and what is not known of them.", context, new Example("admission cluster", ""))
{
    protected override Work Read(OptionValues values) => TellAsync;

    private static async Task<int> TellAsync(Session session)
    {
        var answer = await session.GetAsync("cluster");
        if (session.WantsJson)
        {
            session.Print(answer.Body);
            return ExitCodes.Done;
        }

        var (sheet, cluster) = (session.Sheet, answer.As<ClusterView>());
        sheet.Line($"{cluster.Mode}{(cluster.ClusterId is { } id ? $" '{id}'" : "")}, engine {cluster.Engine}");
        sheet.Line($"asked {cluster.Here.Name} on {cluster.Here.Host} (process {cluster.Here.ProcessId}, version {cluster.Here.Version}, up for {Ages.Of(cluster.Here.UpFor)})");
        sheet.Line();
        sheet.Table(
            ["silo", "host", "address", "status", "up for", "last seen", "#ledgers", "authority"],
            cluster.Silos.Select(each => (IReadOnlyList<Cell>)
            [
                each.Name, each.Host, each.Address ?? "-", new Cell(each.Status, each.Status == "active" ? Level.None : Level.Watch), Ages.Of(each.UpFor), $"{Ages.Of(each.Silent)} ago", each.Ledgers,
                each.AuthorityAge is { } age ? $"confirmed {Ages.Of(age)} ago" : "-",
            ]));
        sheet.Line();
        if (cluster.Holders.Count == 0)
        {
            sheet.Line("No process holds permits.");
        }
        else
        {
            sheet.Table(
                ["holder", "#backends", "#booked", "#in use", "#waiting", "shortest lease"],
                cluster.Holders.Select(each => (IReadOnlyList<Cell>)
                    [each.IsHere ? $"{each.Name} (asked)" : each.Name, each.Backends, each.Booked, each.InUse, each.Queued, Ages.Of(each.LeaseLeft)]));
        }

        if (cluster.Lacks.Count > 0)
        {
            sheet.Line();
            sheet.Line("Not known:");
            foreach (var lack in cluster.Lacks)
            {
                sheet.Line($"  {lack}");
            }
        }

        return ExitCodes.Done;
    }
}
