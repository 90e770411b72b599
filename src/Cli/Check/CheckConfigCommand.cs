using System.CommandLine;
using Admission.Cli.Help;
using Admission.Cli.Output;

namespace Admission.Cli.Check;

/// <summary><c>admission check-config</c>: what the gateway would say of its configuration, without a gateway.</summary>
internal sealed class CheckConfigCommand : Command, IDocumentedCommand
{
    private readonly Argument<string[]> _files = new("FILE") { Description = "Configurations of a gateway (appsettings.json), or ConfigMaps of Kubernetes (.yaml) that have some.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<bool> _together = new("--together") { Description = "The files are one configuration, of which the later wins, as appsettings.Production.json does. Default: each stands for itself." };
    private readonly Option<bool> _cluster = new("--cluster") { Description = "The gateway is to join a cluster, which asks for longer leases. Default: only where a file says so." };
    private readonly Option<bool> _json = new("--json") { Description = "Prints JSON instead of lines." };

    public CheckConfigCommand(CommandContext context)
        : base("check-config", "Checks configurations of a gateway as the gateway does, without one: every mistake at once, with file and key.")
    {
        Add(_files);
        Add(_together);
        Add(_cluster);
        Add(_json);
        SetAction((parsed, _) => RunAsync(context, parsed));
    }

    public IReadOnlyList<Example> Examples { get; } =
    [
        new("admission check-config appsettings.json", "exit code 1 if there is a mistake"),
        new("admission check-config --together appsettings.json appsettings.Production.json", "two files that belong together"),
    ];

    public string More => "Only the files are looked at: variables of the environment and the gateway's command line may say otherwise when it runs.";

    private async Task<int> RunAsync(CommandContext context, ParseResult parsed)
    {
        var reports = await ConfigCheck.RunAsync(parsed.GetValue(_files) ?? [], parsed.GetValue(_together), parsed.GetValue(_cluster));
        var mistakes = reports.Sum(report => report.Mistakes.Count);
        if (parsed.GetValue(_json))
        {
            context.Output.WriteLine(System.Text.Json.JsonSerializer.Serialize(new { Valid = mistakes == 0, Files = reports }, Json.Document));
            return mistakes == 0 ? ExitCodes.Done : ExitCodes.Refused;
        }

        foreach (var report in reports)
        {
            if (report.Mistakes.Count == 0)
            {
                context.Output.WriteLine($"{report.File}: fine, {Counted(report.Backends, "backend")} with a policy.");
            }

            foreach (var mistake in report.Mistakes)
            {
                context.Errors.WriteLine($"{mistake.File}: {(mistake.Key is { } key ? $"{key}: " : "")}{mistake.Message}");
            }
        }

        if (mistakes > 0)
        {
            context.Errors.WriteLine($"{Counted(mistakes, "mistake")}. A gateway would not start with this; one that runs would go on with what it has.");
        }

        return mistakes == 0 ? ExitCodes.Done : ExitCodes.Refused;
    }

    private static string Counted(int count, string what) => $"{count} {what}{(count == 1 ? "" : "s")}";
}
