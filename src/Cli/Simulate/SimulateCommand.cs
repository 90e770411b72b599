using System.CommandLine;

namespace Admission.Cli.Simulate;

/// <summary><c>admission simulate</c>: replays arrivals, recorded or invented, against a policy; and says what a cluster of a size costs.</summary>
internal sealed class SimulateCommand : Command
{
    public const string CommandName = "simulate";

    private const string Text =
        """
        Replays arrivals against a policy in virtual time, with the ledger and the pools of the product, and prints waits, refusals, utilisation and fairness.

          admission simulate --trace arrivals.jsonl --policy new.json --plot out.svg    what another policy would have done to recorded arrivals
          admission simulate --limit 8 --rate 90 --service 100ms                        invented arrivals
          admission simulate --frontends 1000 --backends 10000                          what a cluster of that size costs

        The same command line gives the same figures, except those of --backends, which are measured. docs/simulate.md tells more.
        """;

    private readonly TextWriter _errors;

    public SimulateCommand(TextWriter output, TextWriter errors, TimeProvider time, CancellationToken stop)
        : base(CommandName, Text)
    {
        _errors = errors;
        foreach (var option in SimulateOptions.All)
        {
            Add(option);
        }

        SetAction(parsed =>
        {
            var mistakes = new List<string>();
            var plan = Read(parsed, mistakes);
            return plan is null || mistakes.Count > 0 ? AdmissionCommand.Fail(_errors, mistakes, CommandName) : Simulation.Run(plan, output, errors, time, stop);
        });
    }

    /// <summary>Reads the options and the files that they name.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="mistakes">Takes every mistake.</param>
    /// <returns>Null if there were mistakes.</returns>
    public SimulatePlan? Read(ParseResult parsed, List<string> mistakes) => new PlanReader(new OptionValues(parsed, mistakes), mistakes).Read();
}
