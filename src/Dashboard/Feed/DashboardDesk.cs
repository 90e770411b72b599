using Admission.Capacity;
using Admission.Dashboard.Feed.Jobs;
using Admission.Dashboard.Feed.Ledgers;
using Admission.Dashboard.Feed.Pages;
using Microsoft.Extensions.Logging;

namespace Admission.Dashboard.Feed;

/// <summary>Asks and changes one thing for one operator, at the grain that has it.</summary>
internal sealed partial class DashboardDesk(IGrainFactory grains, BackendList list, IJobsDoor jobs, TimeProvider time, ILogger<DashboardDesk> logger) : IDashboardDesk
{
    private const int AtOnce = 16;
    private const int LongestName = 100;
    private const int MostMissing = 50;
    private const int MostDecisions = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    /// <summary>Two writes, and the one before them.</summary>
    private static readonly TimeSpan PatienceOfChange = TimeSpan.FromSeconds(10);

    private readonly JobDesk _jobs = new(jobs, logger);

    /// <inheritdoc/>
    public async Task<ChangeAnswer> ChangeAsync(string backend, long version, PolicyEdit change, string by, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(change);
        ArgumentException.ThrowIfNullOrWhiteSpace(by);
        by = by.Length <= LongestName ? by : by[..LongestName];
        try
        {
            if (await FindAsync(backend, cancellation) is not { } grain)
            {
                return Refused($"There is no backend '{backend}'.");
            }

            var policy = await grain.DescribePolicyAsync().WaitAsync(Patience, time, cancellation);
            if (policy.Configured is null)
            {
                return Refused($"The backend '{backend}' has no policy yet.");
            }

            if (policy.Version != version)
            {
                return Conflict(policy.Version);
            }

            var request = new AdjustmentRequest { ExpectedVersion = version, Adjustment = change.Apply(policy), By = by };
            var answer = await grain.AdjustPolicyAsync(request).WaitAsync(PatienceOfChange, time, cancellation);
            if (answer.IsStale)
            {
                return Conflict(answer.Version);
            }

            if (answer.Errors.Length > 0)
            {
                return new ChangeAnswer(ChangeOutcome.Refused, answer.Version, answer.Errors);
            }

            if (answer.Version > version)
            {
                LogChanged(backend, by, answer.Version);
            }

            return new ChangeAnswer(ChangeOutcome.Changed, answer.Version, []);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            return new ChangeAnswer(ChangeOutcome.Unknown, null, [$"Whether it was changed is not known: {exception.Message} Look at the policy before you try again."]);
        }
    }

    /// <inheritdoc/>
    public async Task<AuditPage> AuditAsync(int most, CancellationToken cancellation = default)
    {
        var (changes, missing, gate) = (new List<ChangeRow>(), new List<string>(), new Lock());
        var backends = (await list.ReadAsync(cancellation)).Ids.Take(IDashboardFeed.MostRows);
        await Parallel.ForEachAsync(backends, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellation }, async (backend, token) =>
        {
            try
            {
                var policy = await Grain(backend).DescribePolicyAsync().WaitAsync(Patience, time, token);
                lock (gate)
                {
                    changes.AddRange(policy.History.Where(change => change.By is not null).Select(change => PageWords.Change(backend, change)));
                }
            }
            catch (Exception) when (!token.IsCancellationRequested)
            {
                // Told as missing.
                lock (gate)
                {
                    missing.Add(backend);
                }
            }
        });
        return new AuditPage(
            [.. changes.OrderByDescending(change => change.At).ThenBy(change => change.Backend, StringComparer.Ordinal).ThenByDescending(change => change.Version).Take(Math.Clamp(most, 1, 1_000))],
            [.. missing.Order(StringComparer.Ordinal).Take(MostMissing)]);
    }

    /// <inheritdoc/>
    public async Task<DecisionsPage> DecisionsAsync(string backend, long? before = null, int most = 50, CancellationToken cancellation = default)
    {
        try
        {
            if (await FindAsync(backend, cancellation) is not { } grain)
            {
                return DecisionsPage.Empty with { Problem = $"There is no backend '{backend}'." };
            }

            var policy = grain.DescribePolicyAsync().WaitAsync(Patience, time, cancellation);
            var query = new DecisionQuery { Before = before, Count = Math.Clamp(most, 1, MostDecisions) };
            var page = await grain.DecisionsAsync(query).WaitAsync(Patience, time, cancellation);
            return PageWords.Decisions(page, time.GetUtcNow(), (await policy).Configured, most);
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            return DecisionsPage.Empty with { Problem = $"The ledger does not answer: {exception.Message}" };
        }
    }

    /// <inheritdoc/>
    public async Task<string> ExplainAsync(string backend, string ticket, CancellationToken cancellation = default)
    {
        if (!TicketId.TryParse(ticket, out var id))
        {
            return $"That is no ticket. One has the {TicketId.Length} characters that an answer names in \"ticket\".";
        }

        try
        {
            return await FindAsync(backend, cancellation) is not { } grain ? $"There is no backend '{backend}'."
                : await grain.ExplainAsync(ticket).WaitAsync(Patience, time, cancellation) is { Source: not ExplanationSource.Unknown } explained ? DecisionWords.Of(id, explained)
                : "The ledger knows no such request: it may be another backend's, or it was served before its wait was long enough to be recorded, or newer decisions have taken its place, or it waits in a gateway that has not told yet.";
        }
        catch (Exception exception) when (!cancellation.IsCancellationRequested)
        {
            return $"The ledger does not answer: {exception.Message}";
        }
    }

    /// <inheritdoc/>
    public Task<JobsPage> SearchJobsAsync(JobSearch search, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(search);
        return _jobs.SearchAsync(search, cancellation);
    }

    /// <inheritdoc/>
    public Task<JobPage> FindJobAsync(string id, CancellationToken cancellation = default) => _jobs.FindAsync(id, cancellation);

    /// <inheritdoc/>
    public Task<JobAnswer> CancelJobAsync(string id, string by, CancellationToken cancellation = default) => _jobs.CancelAsync(id, by, cancellation);

    /// <inheritdoc/>
    public Task<JobAnswer> RetryJobAsync(string id, string by, CancellationToken cancellation = default) => _jobs.RetryAsync(id, by, cancellation);

    private static ChangeAnswer Refused(string reason) => new(ChangeOutcome.Refused, null, [reason]);

    private static ChangeAnswer Conflict(long version) => new(
        ChangeOutcome.Conflict, version, [$"The policy was changed meanwhile: it has version {version} now. Nothing was changed. Look at it again."]);

    private ICapacityGrain Grain(string backend) => grains.GetGrain<ICapacityGrain>(CapacityGrainKey.Of(backend.ToLowerInvariant()));

    /// <summary>A ledger is never asked for a name that nobody has configured: asking would make one.</summary>
    private async Task<ICapacityGrain?> FindAsync(string backend, CancellationToken cancellation) =>
        (await list.ReadAsync(cancellation)).Known.Contains(backend) ? Grain(backend) : null;

    [LoggerMessage(2230, LogLevel.Information, "The policy of the backend '{Backend}' was changed on the dashboard by {By}: version {Version}.")]
    private partial void LogChanged(string backend, string by, long version);
}
