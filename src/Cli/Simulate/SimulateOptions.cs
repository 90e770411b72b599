using System.CommandLine;

namespace Admission.Cli.Simulate;

/// <summary>The options of <see cref="SimulateCommand"/>. All values are taken as text, so that every mistake can be told at once and in our words.</summary>
internal static class SimulateOptions
{
    public static readonly Option Trace = Text("--trace", "FILE", "Recorded arrivals (Admission:Recorder of the gateway writes them). Default: invented ones.");
    public static readonly Option Policy = Text("--policy", "FILE", "The policy: a gateway's configuration, or its section Admission:Backends in a file of its own. Required with --trace.");
    public static readonly Option Backend = Text("--backend", "ID", "Only this backend. Default: all that the trace and the policy have in common.");
    public static readonly Option Frontends = Text("--frontends", "N", "Frontends that share the arrivals. 1 to 100000; default 3.");
    public static readonly Option Delay = Text("--delay", "TIME", "The mean time of a message between frontend and ledger, one way. 0ms to 10s; default 0.5ms.");
    public static readonly Option Seed = Text("--seed", "N", "Of all that is drawn: the same seed gives the same figures. Default 1.");
    public static readonly Option Server = Text("--server", "MODEL", "How each backend works on what is inside: recorded (each request as long as it says), mmc:N (N workers and a queue) or ps:N (all at once, slower beyond N). Default recorded.");
    public static readonly Option Patience = Text("--patience", "TIME", "The clients' mean patience, exponentially distributed. Default: as long as it takes.");
    public static readonly Option Limit = Text("--limit", "N", "Instead of --policy: a backend with so many places and a queue of 100. Default 16.");
    public static readonly Option Rate = Text("--rate", "N", "Invented requests a second, for each backend. Default: 80 % of what the backend can do.");
    public static readonly Option Duration = Text("--duration", "TIME", "How long requests arrive, in virtual time. Default 1m.");
    public static readonly Option Service = Text("--service", "TIME", "The mean service time. Default 100ms.");
    public static readonly Option Shape = Text("--shape", "WORD", "How service times are distributed: exponential, constant or lognormal. Default exponential.");
    public static readonly Option Tenants = Text("--tenants", "N", "Tenants, each as likely. 0 to 100000; default 0: none.");
    public static readonly Option Greed = Text("--greed", "N", "How many times as much the first tenant asks as each other one. Default 1.");
    public static readonly Option Priorities = Text("--priorities", "N,N", "Priorities, 0 to 99, each as likely. Default 10.");
    public static readonly Option Weights = Text("--weights", "N,N", "Permits that requests take, each as likely. Default 1.");
    public static readonly Option Backends = Text("--backends", "N", "Tells what a cluster with so many such backends costs: ledger time, messages, memory. 1 to 1000000.");
    public static readonly Option Sample = Text("--sample", "N", "With --backends: how many of them are simulated. Default 3.");
    public static readonly Option Plot = Text("--plot", "FILE", "Writes a plot: in use against the limit, waits, refusals over time. An SVG picture.");
    public static readonly Option<bool> Json = new("--json") { Description = "Prints JSON instead of tables. Times are in seconds." };

    /// <summary>All, in the order of the help.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        Trace, Policy, Backend, Frontends, Delay, Seed, Server, Patience, Limit, Rate, Duration, Service, Shape, Tenants, Greed, Priorities, Weights, Backends, Sample, Plot, Json,
    ];

    /// <summary>Those that say how arrivals are invented.</summary>
    public static IReadOnlyList<Option> OfInvented { get; } = [Limit, Rate, Duration, Service, Shape, Tenants, Greed, Priorities, Weights, Backends, Sample];

    private static Option<string> Text(string name, string value, string description) => new(name) { HelpName = value, Description = description };
}
