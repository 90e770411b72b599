using System.CommandLine;
using Admission.Cli.Gateway;
using Admission.Cli.Help;
using Admission.Cli.Output;
using Admission.Frontend.Api;

namespace Admission.Cli.JobCommands;

/// <summary><c>admission jobs</c>: lists deferred jobs, and has the commands for single ones.</summary>
internal sealed class JobsCommand : GatewayCommand
{
    private const string UnknownJob = "unknown-job";

    private readonly JobFilters _filters;
    private readonly Option<string> _state = new("--state") { HelpName = "STATE", Description = "Only those: queued, delayed, running, done, dead or cancelled." };

    public JobsCommand(CommandContext context)
        : base(
            "jobs", "Lists deferred jobs, the newest first; or with a command: one of them, its result, cancel, retry, dead letters.", context,
            new Example("admission jobs --backend model --state queued", "those of a backend that wait"),
            new Example("admission jobs dead", "dead letters, with what the last attempt came to"),
            new Example("admission jobs watch 0002ebc18bf392730480d47f3e0e7eec", "follows one until its end"))
    {
        _filters = new JobFilters(context);
        _state.CompletionSources.Add("queued", "delayed", "running", "done", "dead", "cancelled");
        Add(_state);
        _filters.AddTo(this);
        Add(new DeadJobsCommand(context));
        Add(new ShowJobCommand(context));
        Add(new JobResultCommand(context));
        Add(new WatchJobCommand(context));
        Add(EndJobsCommand.Cancel(context));
        Add(EndJobsCommand.Retry(context));
    }

    protected override Work Read(OptionValues values)
    {
        var (query, most) = _filters.Read(values, values.Text(_state));
        return session => ListAsync(session, query, most, JobTable.Write);
    }

    /// <summary>Lists jobs over as many pages as it takes.</summary>
    public static async Task<int> ListAsync(Session session, Query query, int most, Action<Session, IReadOnlyList<JobView>> write)
    {
        var jobs = new List<JobView>();
        var raw = new List<System.Text.Json.JsonElement>();
        var next = $"jobs{query}";
        while (next is not null && jobs.Count < most)
        {
            var answer = await session.Api.AskAsync(HttpMethod.Get, next, session.Stop);
            if (answer.Problem is { } problem)
            {
                // A gateway without a backend that has jobs knows of none.
                next = problem.Reason == UnknownJob ? null : throw await ApiFailures.OfAsync(session.Api, problem, session.Stop);
                break;
            }

            var page = answer.As<JobListView>();
            raw.AddRange(answer.Body.GetProperty("jobs").EnumerateArray());
            jobs.AddRange(page.Jobs);
            next = page.Jobs.Count > 0 ? page.Next : null;
        }

        if (session.WantsJson)
        {
            session.Print(new { Jobs = raw.Take(most), Next = jobs.Count > most ? null : next });
            return ExitCodes.Done;
        }

        if (jobs.Count == 0)
        {
            session.Sheet.Line("No such job. Jobs are there where a backend has Overflow: Defer or Jobs:Enabled.");
            return ExitCodes.Done;
        }

        write(session, [.. jobs.Take(most)]);
        if (next is not null)
        {
            session.Sheet.Line(new Cell($"There are more: --limit {most} shows that many.", Level.Faint));
        }

        return ExitCodes.Done;
    }
}
