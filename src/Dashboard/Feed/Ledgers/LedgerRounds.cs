using System.Collections.Concurrent;
using Admission.Capacity;

namespace Admission.Dashboard.Feed.Ledgers;

/// <summary>Asks ledgers how they stand: each about once a second at most, however many rounds want to know, and 32 at the same time. Thread-safe.</summary>
/// <remarks>
/// One that is slow gives its place to others after a quarter of a second, and its answer is taken when it comes; so ledgers that do not answer hold up nobody. There is one question to a ledger at a time, and one that
/// has not answered is asked every five seconds only.
/// </remarks>
internal sealed class LedgerRounds(IGrainFactory grains, BackendList list, TimeProvider time, FaultLog faults)
{
    /// <summary>Ledgers that are asked at the same time, those not counted that are slow.</summary>
    public const int AtOnce = 32;

    /// <summary>With so many holders, over all backends, each may be asked to report every second; with more it would be too many messages.</summary>
    private const int MostCloselyWatched = 200;

    /// <summary>Slow from then on.</summary>
    private static readonly TimeSpan SlowAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>Longer than a call to a ledger takes by itself.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>A little less than a period, for a round that begins a little early.</summary>
    private static readonly TimeSpan Again = TimeSpan.FromMilliseconds(900);

    private static readonly TimeSpan LostAgain = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _places = new(AtOnce);
    private readonly ConcurrentDictionary<string, LedgerView> _views = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Finds the ledger of a backend that is in the list.</summary>
    /// <returns>Null if there is no such backend.</returns>
    public async Task<LedgerView?> FindAsync(string backend, CancellationToken cancellation)
    {
        var (known, _, _) = await list.ReadAsync(cancellation);
        return known.TryGetValue(backend, out var id) ? View(id) : null;
    }

    /// <summary>Asks all ledgers.</summary>
    /// <returns>All that there are, by name; those left out; and why the list is not known, or old.</returns>
    public async Task<(IReadOnlyList<LedgerView> Views, int LeftOut, string? Problem)> AskAllAsync(CancellationToken cancellation)
    {
        var (known, ids, problem) = await list.ReadAsync(cancellation);
        foreach (var gone in _views.Keys.Where(key => !known.Contains(key)))
        {
            _views.TryRemove(gone, out _);
        }

        LedgerView[] views = [.. ids.Take(IDashboardFeed.MostRows).Select(View)];
        if (views.Sum(view => (long)(view.Glance?.Holders ?? 0)) <= MostCloselyWatched)
        {
            Array.ForEach(views, view => view.LookClosely());
        }

        await AskAsync(views, cancellation);
        return (views, ids.Count - views.Length, problem);
    }

    /// <summary>Asks those of some ledgers that are due, and waits until each has answered, or failed, or is slow.</summary>
    public async Task AskAsync(IEnumerable<LedgerView> views, CancellationToken cancellation)
    {
        var asked = new List<Task>();
        foreach (var view in views)
        {
            if (!view.IsDue(Again, LostAgain))
            {
                continue;
            }

            await _places.WaitAsync(cancellation);
            if (view.TryBegin(out var epoch, out var after, out var closely))
            {
                asked.Add(AskAsync(view, epoch, after, closely));
            }
            else
            {
                _places.Release();
            }
        }

        await Task.WhenAll(asked);
    }

    private LedgerView View(string id) => _views.GetOrAdd(id, static (id, own) => new LedgerView(id, own.Time, own.Faults), (Time: time, Faults: faults));

    private async Task AskAsync(LedgerView view, long epoch, long after, bool closely)
    {
        Task<BackendGlance> call;
        try
        {
            var grain = grains.GetGrain<ICapacityGrain>(view.Key);
            call = OlderLedgers.GlanceAsync(grain, epoch, after, closely);
            await ((Task)call).WaitAsync(SlowAfter, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        catch (Exception exception)
        {
            // Told in the row: the engine is not ready, or stops.
            view.Fail(Shorten(exception.Message));
            return;
        }
        finally
        {
            _places.Release();
        }

        var ended = EndAsync(view, call);
        if (call.IsCompleted)
        {
            await ended;
        }
    }

    private async Task EndAsync(LedgerView view, Task<BackendGlance> call)
    {
        try
        {
            view.Take(await call.WaitAsync(Patience, time));
        }
        catch (Exception exception)
        {
            // Whatever it is, it is told in the row, and asked again.
            view.Fail(Shorten(exception.Message));
        }
    }

    private static string Shorten(string text) => text.Length <= 300 ? text : text[..300] + "...";
}
