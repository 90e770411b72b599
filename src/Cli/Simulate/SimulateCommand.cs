using System.CommandLine;
using Admission.Cli.Help;

namespace Admission.Cli.Simulate;

/// <summary><c>admission simulate</c>: replays arrivals, recorded or invented, against a policy; and says what a cluster of a size costs.</summary>
internal sealed class SimulateCommand : Command, IDocumentedCommand, IReadableCommand
{
    public const string CommandName = "simulate";

    private readonly CommandContext _context;

    public SimulateCommand(CommandContext context)
        : base(CommandName, "Replays arrivals against a policy in virtual time, with the ledger and the pools of the product, and prints waits, refusals, utilisation and fairness.")
    {
        _context = context;
        foreach (var option in SimulateOptions.All)
        {
            Add(option);
        }

        SetAction(parsed =>
        {
            var mistakes = new List<string>();
            var plan = Plan(parsed, mistakes);
            return plan is null || mistakes.Count > 0
                ? AdmissionCommand.Fail(_context.Errors, mistakes, this)
                : Simulation.Run(plan, _context.Output, _context.Errors, _context.Time, _context.Stop);
        });
    }

    public IReadOnlyList<Example> Examples { get; } =
    [
        new("admission simulate --trace arrivals.jsonl --policy new.json --plot out.svg", "what another policy would have done to recorded arrivals"),
        new("admission simulate --limit 8 --rate 90 --service 100ms", "invented arrivals"),
        new("admission simulate --frontends 1000 --backends 10000", "what a cluster of that size costs"),
    ];

    public string More => "The same command line gives the same figures, except those of --backends, which are measured. docs/simulate.md tells more.";

    public void Read(ParseResult parsed, List<string> mistakes) => Plan(parsed, mistakes);

    private static SimulatePlan? Plan(ParseResult parsed, List<string> mistakes) => new PlanReader(new OptionValues(parsed, mistakes), mistakes).Read();
}
