using Admission.Capacity;
using Admission.Client;
using Admission.Dashboard.Feed.Ledgers;

namespace Admission.Dashboard.Feed.Pages;

/// <summary>Finds out what one backend's page shows; one round at a time.</summary>
internal sealed class BackendRounds(string backend, LedgerRounds ledgers, BackendList list, IGrainFactory grains, AdmissionClient? client, FaultLog faults, TimeProvider time)
{
    private const int MostHolders = 500;

    private PageQuestions? _questions;

    /// <summary>One round. A ledger that does not answer leaves the page as it was, with a row that says so.</summary>
    public async Task<BackendPage> RoundAsync(CancellationToken cancellation)
    {
        if (await ledgers.FindAsync(backend, cancellation) is not { } view)
        {
            // A ledger is never asked for a name that nobody has configured: asking would make one.
            var (_, _, problem) = await list.ReadAsync(cancellation);
            return new BackendPage { At = time.GetUtcNow(), Row = new BackendRow { Id = backend, Status = "asking", Error = problem }, IsUnknown = problem is null };
        }

        view.LookClosely();
        await ledgers.AskAsync([view], cancellation);
        _questions ??= new PageQuestions(grains, view.Key, time);
        string? error = null;
        if (view is { Answers: true, Glance: { } glance })
        {
            try
            {
                await _questions.AskAsync(glance, cancellation);
            }
            catch (Exception exception) when (!cancellation.IsCancellationRequested)
            {
                // Told in the row; the page stays as it was.
                error = exception.Message;
            }
        }

        var page = Page(view, _questions);
        return error is null || page.Row.Error is not null ? page : page with { Row = page.Row with { Error = error } };
    }

    private BackendPage Page(LedgerView view, PageQuestions asked)
    {
        var row = view.ToRow(client);
        var described = asked.Described;
        var holders = described is null ? [] : described.Holders.Select(holder => Holder(holder, view.Id)).OrderByDescending(holder => holder.Booked).ThenBy(holder => holder.Name, StringComparer.Ordinal).ToList();
        return new BackendPage
        {
            At = time.GetUtcNow(),
            Row = WithHolders(row, described, holders),
            Destinations = PageWords.Destinations(described, asked.Policy),
            Holders = [.. holders.Take(MostHolders), .. PageWords.Leases(asked.Leases)],
            MoreHolders = Math.Max(0, holders.Count - MostHolders) + (asked.Leases is { } leases ? leases.Total - leases.Leases.Length : 0),
            Queue = row.Waiting == 0 ? QueuePage.Empty : PageWords.Queue(asked.Waiting, described?.Policy),
            Decisions = asked.Decided is { } decided ? PageWords.Decisions(decided.Page, decided.At, described?.Policy) : DecisionsPage.Empty,
            Policy = PageWords.Policy(view.Id, asked.Policy),
            Adaptive = described?.Adaptive is { } limit ? new AdaptivePage(KebabCase.Of(limit.Algorithm), limit.Min, limit.Max, limit.UnloadedTime) : null,
            Faults = [.. view.Faults().Concat(faults.Read(view.Id)).OrderByDescending(fault => fault.At)],
            RetryAfter = described?.Occupancy.RetryAfter.TotalSeconds,
            LongestWait = described?.LongestWait,
            Waste = described?.Waste,
        };
    }

    /// <summary>Of this process it is known what it uses at this instant, also if it has not told the ledger yet.</summary>
    private static BackendRow WithHolders(BackendRow row, BackendDescription? described, List<HolderRow> holders)
    {
        if (described is null || row.UnreachableSince is not null || row.Epoch != described.Epoch || !holders.Exists(holder => holder.IsHere))
        {
            return row;
        }

        var held = described.Destinations.Sum(each => each.Booked) - described.Quarantined;
        var inUse = Math.Min(held, holders.Sum(holder => holder.InUse) + described.Leased);
        return row with { InUse = inUse, Idle = held - inUse, Utilisation = row.Limit is > 0 and { } limit ? (double)(inUse + described.Quarantined) / limit : null };
    }

    private HolderRow Holder(HolderDescription holder, string id)
    {
        var isHere = client is not null && holder.Holder.StartsWith($"{client.Holder}-", StringComparison.Ordinal);
        var inUse = isHere && client!.StateOf(id) is { HasLease: true } here ? Math.Min(here.InUse, holder.Booked) : holder.InUse;
        return new HolderRow(holder.Holder, holder.Incarnation, isHere, holder.Booked, inUse, holder.Booked - inUse, holder.Queued, "process", holder.LeaseAge, holder.LeaseLeft);
    }
}
