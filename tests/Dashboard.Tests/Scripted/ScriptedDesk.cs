using System.Collections.Concurrent;
using Admission.Dashboard.Feed;

namespace Admission.Dashboard.Tests.Scripted;

/// <summary>A desk that answers as it is told and remembers what it was asked to do.</summary>
public sealed class ScriptedDesk : IDashboardDesk
{
    /// <summary>What was asked for: <c>change</c>, <c>cancel</c> or <c>retry</c>, of what, and by whom.</summary>
    public ConcurrentQueue<(string What, string Of, string By, long Version)> Asked { get; } = new();

    /// <summary>The answer to a change.</summary>
    public ChangeAnswer Answer { get; set; } = new(ChangeOutcome.Changed, 7, []);

    /// <summary>The instant from which jobs are told.</summary>
    public DateTimeOffset At { get; set; } = DateTimeOffset.UnixEpoch;

    /// <summary>As if nothing had been asked.</summary>
    public void Forget()
    {
        Asked.Clear();
        Answer = new ChangeAnswer(ChangeOutcome.Changed, 7, []);
    }

    public Task<ChangeAnswer> ChangeAsync(string backend, long version, PolicyEdit change, string by, CancellationToken cancellation = default)
    {
        Asked.Enqueue(("change", backend, by, version));
        return Task.FromResult(Answer);
    }

    public Task<AuditPage> AuditAsync(int most, CancellationToken cancellation = default) =>
        Task.FromResult(new AuditPage([.. Story.Policy(At, Story.Row(At, 0)).History.Where(change => change.By is not null).Take(most)], ["search"]));

    public Task<DecisionsPage> DecisionsAsync(string backend, long? before = null, int most = 50, CancellationToken cancellation = default) => Task.FromResult(Story.Page(At).Decisions);

    public Task<string> ExplainAsync(string backend, string ticket, CancellationToken cancellation = default) =>
        Task.FromResult($"{ticket} waits for one permit; 12 tickets of its priority are before it.");

    public Task<JobsPage> SearchJobsAsync(JobSearch search, CancellationToken cancellation = default)
    {
        var states = new[] { "running", "queued", "dead", "done", "delayed", "cancelled" };
        var all = Enumerable.Range(0, 70).Select(index => Job(index, states[index % states.Length]))
            .Where(job => (search.Id is null || job.Id == search.Id) && (search.State is null || job.State == search.State) && (search.Backend is null || job.Backend == search.Backend) && (search.Tenant is null || job.Tenant == search.Tenant))
            .Skip((int)(search.Before ?? 0)).ToList();
        return Task.FromResult(new JobsPage([.. all.Take(search.Most)], all.Count > search.Most ? (search.Before ?? 0) + search.Most : null, null));
    }

    public Task<JobPage> FindJobAsync(string id, CancellationToken cancellation = default) => Task.FromResult(id.StartsWith("job-", StringComparison.Ordinal)
        ? new JobPage(
            Job(2, "dead") with { Id = id, Attempts = 3 },
            [.. Enumerable.Range(0, 3).Select(index => new AttemptRow(At.AddMinutes(-30 + (index * 10)), At.AddMinutes(-30 + (index * 10)).AddSeconds(4), index == 1 ? null : 502, index == 1 ? "timed out after 30 s" : "status 502", "gpu-a"))],
            null, null, null)
        : new JobPage(null, [], null, null, "There is no job of that id."));

    public Task<JobAnswer> CancelJobAsync(string id, string by, CancellationToken cancellation = default) => Done("cancel", id, by);

    public Task<JobAnswer> RetryJobAsync(string id, string by, CancellationToken cancellation = default) => Done("retry", id, by);

    private Task<JobAnswer> Done(string what, string id, string by)
    {
        Asked.Enqueue((what, id, by, 0));
        return Task.FromResult(new JobAnswer(true, null));
    }

    private JobRow Job(int index, string state) => new(
        $"job-{index:00}-4f6c1d2a", index % 3 == 0 ? "mailer" : "pdf-render", index % 2 == 0 ? "acme" : null, state, At.AddSeconds(-20 - (index * 47)), state == "delayed" ? At.AddSeconds(30) : null,
        state is "done" or "dead" or "cancelled" ? At.AddSeconds(-5 - index) : null, At.AddHours(23), state == "queued" ? 0 : 1 + (index % 3), state == "done" ? 200 : null);
}
