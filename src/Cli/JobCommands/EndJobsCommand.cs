using System.CommandLine;
using Admission.Cli.Gateway;
using Admission.Cli.Help;

namespace Admission.Cli.JobCommands;

/// <summary><c>admission jobs cancel</c> and <c>admission jobs retry</c>.</summary>
internal sealed class EndJobsCommand : GatewayCommand
{
    private readonly Argument<string[]> _jobs = new("JOB") { Description = "Ids of jobs.", Arity = ArgumentArity.OneOrMore };
    private readonly HttpMethod _method;
    private readonly string _rest;
    private readonly string _done;

    private EndJobsCommand(CommandContext context, string name, string description, HttpMethod method, string rest, string done, Example example)
        : base(name, description, context, example)
    {
        (_method, _rest, _done) = (method, rest, done);
        Add(_jobs);
    }

    public override string More => "Of several jobs each is tried; one that cannot be is told, and the exit code is that of the last of those.";

    public static EndJobsCommand Cancel(CommandContext context) => new(
        context, "cancel", "Cancels jobs that are not finished. What is in the backend already goes on there.", HttpMethod.Delete, "", "cancelled",
        new Example("admission jobs cancel 0002ebc18bf392730480d47f3e0e7eec", ""));

    public static EndJobsCommand Retry(CommandContext context) => new(
        context, "retry", "Queues dead letters again.", HttpMethod.Post, "/retry", "queued", new Example("admission jobs retry 9eb6852e43953ba185557a6334b7a1ef", ""));

    protected override Work Read(OptionValues values)
    {
        var jobs = values.Texts(_jobs);
        return session => EndAsync(session, jobs);
    }

    private async Task<int> EndAsync(Session session, IReadOnlyList<string> jobs)
    {
        var code = ExitCodes.Done;
        foreach (var job in jobs)
        {
            var answer = await session.Api.AskAsync(_method, $"jobs/{Uri.EscapeDataString(job)}{_rest}", session.Stop);
            var failed = answer.Problem is { } problem ? await ApiFailures.OfAsync(session.Api, problem, session.Stop) : null;
            if (failed?.ExitCode is ExitCodes.NotAllowed or ExitCodes.Unreachable)
            {
                throw failed;
            }

            code = failed?.ExitCode ?? code;
            if (session.WantsJson)
            {
                session.PrintLine(new { Job = job, Done = failed is null, answer.Problem?.Reason });
            }
            else if (failed is null)
            {
                session.Sheet.Line($"{job}: {_done}");
            }

            if (failed is not null)
            {
                session.Context.Tell($"{job}: {failed.Message}");
            }
        }

        return code;
    }
}
