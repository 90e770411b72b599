namespace Admission.EndToEnd.Cluster.Records;

/// <summary>A time without service: clients waited, the backend was alive with room, and nothing started.</summary>
internal readonly record struct Stretch(long From, long To)
{
    public double Seconds => Clock.Seconds(To - From);
}

/// <summary>Finds the times without service of one backend.</summary>
internal static class Idleness
{
    /// <summary>A refused client comes back so soon: until then it counts as waiting.</summary>
    public static readonly TimeSpan ComesBack = TimeSpan.FromMilliseconds(400);

    // In this order at one instant, so that a stretch is not cut or opened by chance.
    private enum Step
    {
        ClientComes,
        Death,
        Start,
        End,
        Kill,
        Life,
        ClientGoes,
    }

    /// <summary>All stretches of at least a length, in their order.</summary>
    /// <param name="journal">What the backend wrote.</param>
    /// <param name="limits">Its limits.</param>
    /// <param name="requests">The requests of clients for it; those that were not sent or left do not count as waiting.</param>
    /// <param name="dead">When it was dead.</param>
    /// <param name="atLeast">Shorter ones are left out.</param>
    public static IReadOnlyList<Stretch> Of(
        IEnumerable<JournalEvent> journal, LimitTimeline limits, IEnumerable<RequestRecord> requests, IEnumerable<(long From, long To)> dead, TimeSpan atLeast)
    {
        var (clients, inside, alive, since) = (0, 0, true, long.MaxValue);
        var found = new List<Stretch>();
        var least = (long)(atLeast.TotalSeconds * 1e9);
        foreach (var (time, step) in Steps(journal, requests, dead).OrderBy(each => each.Time).ThenBy(each => each.Step))
        {
            var open = since != long.MaxValue;
            (clients, inside, alive) = step switch
            {
                Step.ClientComes => (clients + 1, inside, alive),
                Step.ClientGoes => (clients - 1, inside, alive),
                Step.Start => (clients, inside + 1, alive),
                Step.End => (clients, inside - 1, alive),
                Step.Kill => (clients, 0, alive),
                Step.Death => (clients, inside, false),
                _ => (clients, inside, true),
            };
            var idle = clients > 0 && alive && inside < limits.LeastAt(time);
            if (open && (!idle || step == Step.Start))
            {
                if (time - since >= least)
                {
                    found.Add(new(since, time));
                }

                open = false;
            }

            since = !idle ? long.MaxValue : open ? since : time;
        }

        return found;
    }

    /// <summary>The longest within a window: what is outside of it does not count.</summary>
    public static Stretch LongestIn(this IEnumerable<Stretch> stretches, long from, long to) =>
        stretches.Select(each => new Stretch(Math.Max(each.From, from), Math.Min(each.To, to))).Where(each => each.To > each.From)
            .OrderBy(each => each.Seconds).LastOrDefault(new Stretch(from, from));

    private static IEnumerable<(long Time, Step Step)> Steps(
        IEnumerable<JournalEvent> journal, IEnumerable<RequestRecord> requests, IEnumerable<(long From, long To)> dead)
    {
        foreach (var e in journal)
        {
            yield return (e.Time, e.Kind switch { 'S' => Step.Start, 'E' => Step.End, _ => Step.Kill });
        }

        foreach (var request in requests.Where(request => request.End is not (RequestEnd.NotSent or RequestEnd.Left)))
        {
            yield return (request.Sent, Step.ClientComes);
            yield return (request.End == RequestEnd.Served ? request.Ended : request.Ended + (long)(ComesBack.TotalSeconds * 1e9), Step.ClientGoes);
        }

        foreach (var (from, to) in dead)
        {
            yield return (from, Step.Death);
            if (to != long.MaxValue)
            {
                yield return (to, Step.Life);
            }
        }
    }
}
