using Admission.Cli.Gateway;
using Admission.Cli.Output;
using Admission.Frontend.Api;

namespace Admission.Cli.JobCommands;

/// <summary>Jobs for people.</summary>
internal static class JobTable
{
    /// <summary>A row each.</summary>
    public static void Write(Session session, IReadOnlyList<JobView> jobs) => session.Sheet.Table(
        ["job", "backend", "state", "tenant", "accepted", "#attempts", "what next"],
        jobs.Select(job => (IReadOnlyList<Cell>)
            [job.Id, job.Backend, State(job), job.Tenant ?? "-", Ages.Since(job.Accepted, session.Now), job.Attempts.Count, Next(job, session.Now)]));

    /// <summary>Dead letters, with what the last attempt came to.</summary>
    public static void WriteDead(Session session, IReadOnlyList<JobView> jobs) => session.Sheet.Table(
        ["job", "backend", "tenant", "accepted", "dead", "#attempts", "#status", "reason", "kept"],
        jobs.Select(job => (IReadOnlyList<Cell>)
        [
            job.Id, job.Backend, job.Tenant ?? "-", Ages.Since(job.Accepted, session.Now), Ages.Since(job.Finished, session.Now), job.Attempts.Count, job.Result?.Status,
            job.Attempts.LastOrDefault()?.Reason ?? "-", Ages.Since(job.Expires, session.Now),
        ]));

    /// <summary>One job.</summary>
    public static void WriteOne(Session session, JobView job)
    {
        var sheet = session.Sheet;
        sheet.Line($"{job.Id}: {job.State}, at {job.Backend}{(job.Tenant is { } tenant ? $", of {tenant}" : "")}");
        sheet.Line($"  accepted  {Ages.At(job.Accepted)}, {Ages.Since(job.Accepted, session.Now)}");
        sheet.Line($"  next      {Next(job, session.Now)}");
        sheet.Line(job.Finished is { } finished
            ? $"  finished  {Ages.At(finished)}, {Ages.Since(finished, session.Now)}; deleted {Ages.Since(job.Expires, session.Now)}"
            : $"  expires   {Ages.At(job.Expires)}, {Ages.Since(job.Expires, session.Now)}");
        if (job.Attempts.Count > 0)
        {
            sheet.Line();
            sheet.Table(
                ["attempt", "started", "took", "#status", "reason", "destination"],
                job.Attempts.Select((each, i) => (IReadOnlyList<Cell>)
                    [i + 1, Ages.At(each.Started), Ages.Of((each.Ended - each.Started).TotalSeconds), each.Status, each.Reason ?? "-", each.Destination ?? "-"]));
        }
    }

    /// <summary>What happens to it next, or has come of it.</summary>
    public static string Next(JobView job, DateTimeOffset now) => job switch
    {
        { Result: { } result } => $"status {result.Status}",
        { State: "queued", Ahead: { } ahead } => $"{ahead} ahead{(job.ExpectedStart is { } start ? $", starts in {Ages.Of(start)}" : "")}",
        { Due: { } due } => $"tried again {Ages.Since(due, now)}",
        _ => "-",
    };

    private static Cell State(JobView job) => new(job.State, job.State switch { "dead" => Level.Bad, "delayed" => Level.Watch, _ => Level.None });
}
