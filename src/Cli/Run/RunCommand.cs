using System.CommandLine;
using System.Text.Json.Nodes;
using Admission.Capacity;
using Admission.Cli.Gateway;
using Admission.Cli.Help;

namespace Admission.Cli.Run;

/// <summary><c>admission run</c>: runs a command while it holds a lease of a backend.</summary>
internal sealed class RunCommand : GatewayCommand
{
    private static readonly TimeSpan LongestWait = AdmissionRequest.LongestHeldWait;
    private static readonly TimeSpan UsualGrace = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan UsualTtl = TimeSpan.FromSeconds(30);

    private readonly Argument<string[]> _command = new("COMMAND") { Description = "What to run, after --.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _backend = new("--backend", "-b") { HelpName = "ID", Description = "The backend whose permits it needs.", Required = true };
    private readonly Option<string> _weight = new("--weight") { HelpName = "N", Description = "Permits. 1 to 1000000; default 1." };
    private readonly Option<string> _wait = new("--wait") { HelpName = "TIME", Description = "How long to wait for them, at most as long as the policy allows, which is the default. 0s to 24h." };
    private readonly Option<string> _ttl = new("--ttl") { HelpName = "TIME", Description = "The lease's time-to-live: so long its permits stay taken when this machine dies. 1s to 1h; default 30s." };
    private readonly Option<string> _grace = new("--grace") { HelpName = "TIME", Description = "When the lease is lost: from SIGTERM to SIGKILL. 0s to a third of --ttl; default 5s, or that." };
    private readonly Option<string> _priority = new("--priority") { HelpName = "PRIORITY", Description = "A name of the policy, or 0, served first, to 99. Default: normal." };
    private readonly Option<string> _tenant = new("--tenant") { HelpName = "NAME", Description = "The tenant. Default: none, or the key's." };

    public RunCommand(CommandContext context)
        : base(
            "run", "Runs a command while it holds a lease: at most so many at once as the backend has permits, on all machines.", context,
            new Example("admission run --backend build -- make -j4", "waits for a permit of 'build', and gives it back when make has ended"),
            new Example("admission run -b gpu --weight 2 --wait 0s -- ./train", "two permits, or exit code 75 at once"))
    {
        Add(_command);
        foreach (var option in new[] { _backend, _weight, _wait, _ttl, _grace, _priority, _tenant })
        {
            Add(option);
        }
    }

    public override string More =>
        """
        Exit code: the command's own, 128 and the signal's number if a signal ended it; 75 if there were no permits, 124 if the lease was lost and the command stopped, 126 or 127 if it could not be started.
        The command has the lease's id in ADMISSION_LEASE (a secret), and its number in ADMISSION_FENCE_EPOCH and ADMISSION_FENCE_NUMBER: each later lease of the backend has a higher one.
        Signals are passed on to the command; those of the terminal's keys it gets from the terminal.
        """;

    protected override Work Read(OptionValues values)
    {
        var ttl = values.Duration(_ttl, LeaseRules.ShortestTtl, LeaseRules.LongestTtl) ?? UsualTtl;
        var third = ttl / 3;
        var grace = values.Duration(_grace, TimeSpan.Zero, third) ?? (UsualGrace < third ? UsualGrace : third);
        var wait = values.Duration(_wait, TimeSpan.Zero, LongestWait);
        var body = new JsonObject { ["ttl"] = ttl.TotalSeconds, ["weight"] = values.Count(_weight, 1, 1, BackendPolicyRules.LargestLimit) };
        AddIf(body, "wait", wait?.TotalSeconds);
        AddIf(body, "priority", values.Text(_priority));
        AddIf(body, "tenant", values.Text(_tenant));
        var (backend, command) = (values.Text(_backend) ?? "", values.Texts(_command));
        return session => RunAsync(session, backend, body, wait, ttl, grace, command);
    }

    private static void AddIf(JsonObject body, string name, JsonNode? value)
    {
        if (value is not null)
        {
            body[name] = value;
        }
    }

    private static async Task<int> RunAsync(Session session, string backend, JsonObject body, TimeSpan? wait, TimeSpan ttl, TimeSpan grace, IReadOnlyList<string> command)
    {
        var lease = await ProgramLease.TakeAsync(session, backend, body, ttl, wait ?? LongestWait);
        try
        {
            if (!await lease.IsHeldAsync(grace))
            {
                throw new CommandFailedException(
                    ExitCodes.NoPermits, "The lease was over when its answer came: that was long on its way, or this machine stood still. The command was not started. Try again; if it stays so, with a longer --ttl.");
            }

            using var child = ChildCommand.Start(command, lease, session.Context.Input is not null, session.Stop);
            return await HoldAsync(session, lease, child, grace);
        }
        finally
        {
            await lease.ReleaseAsync();
        }
    }

    /// <summary>Renews while the command runs, and stops it when that fails for too long.</summary>
    /// <returns>The exit code.</returns>
    private static async Task<int> HoldAsync(Session session, ProgramLease lease, ChildCommand child, TimeSpan grace)
    {
        // Whoever stops this process stops the command, and it is the command that ends both.
        using var over = new CancellationTokenSource();
        var keeping = lease.KeepAsync(grace, over.Token);
        var ended = child.WaitAsync();
        if (await Task.WhenAny(ended, keeping) == ended)
        {
            await over.CancelAsync();
            await ((Task)keeping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return await ended;
        }

        try
        {
            var why = await keeping;
            session.Context.Tell(
                FormattableString.Invariant($"admission: the lease is lost, because {why}. The command is stopped: SIGTERM, and after {grace.TotalSeconds:0.#} s SIGKILL."));
            return ExitCodes.LeaseLost;
        }
        finally
        {
            // Whatever has ended the lease, the command does not go on without one.
            await child.StopAsync(grace, session.Context.Time);
        }
    }
}
