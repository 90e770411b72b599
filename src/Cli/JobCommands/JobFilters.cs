using System.CommandLine;
using Admission.Cli.Gateway;

namespace Admission.Cli.JobCommands;

/// <summary>Which jobs are listed.</summary>
internal sealed class JobFilters(CommandContext context)
{
    private const int Usual = 50;
    private const int Most = 10_000;
    private const int MostOfAPage = 200;

    private readonly Option<string> _backend = KnownNames.BackendOption(context, "Only those of this backend.");
    private readonly Option<string> _tenant = new("--tenant") { HelpName = "TENANT", Description = "Only those of this tenant." };
    private readonly Option<string> _limit = new("--limit") { HelpName = "N", Description = "How many at most. 1 to 10000; default 50." };

    public void AddTo(Command command)
    {
        command.Add(_backend);
        command.Add(_tenant);
        command.Add(_limit);
    }

    /// <summary>Reads them.</summary>
    /// <returns>The query of the first page, and how many are wanted.</returns>
    public (Query Query, int Most) Read(OptionValues values, string? state)
    {
        var most = values.Count(_limit, Usual, 1, Most);
        return (new Query().With("backend", values.Text(_backend)).With("state", state).With("tenant", values.Text(_tenant)).With("limit", Math.Min(most, MostOfAPage)), most);
    }
}
