namespace Admission.EndToEnd.Cluster.Records;

/// <summary>A start that was one too many.</summary>
/// <param name="Id">The request.</param>
/// <param name="Time">When it started.</param>
/// <param name="Inside">Requests inside with it.</param>
/// <param name="Limit">The most that may have been in force.</param>
/// <param name="EndedBy">Whose end was the next, and when; null if there was none.</param>
internal sealed record Excess(string Id, long Time, int Inside, int Limit, JournalEvent? EndedBy = null)
{
    public override string ToString()
    {
        var end = EndedBy is { } next ? $"until {next.Id} ended {Clock.Seconds(next.Time - Time) * 1000:F3} ms later" : "to the end";
        return $"{Inside} of {Limit} inside with {Id}, {end}";
    }
}

/// <summary>A backend's greatest concurrency over its limit, by its own journal.</summary>
/// <param name="Starts">Requests that it started.</param>
/// <param name="Greatest">The most inside at once.</param>
/// <param name="Ratio">The greatest of the requests inside, at a start, over the limit in force. A lowered limit admits nothing new, and what is inside may end.</param>
/// <param name="Excesses">The starts with a ratio above 1.</param>
internal sealed record OverAdmission(int Starts, int Greatest, double Ratio, IReadOnlyList<Excess> Excesses)
{
    /// <summary>Reads it from a journal.</summary>
    /// <param name="journal">What the backend wrote.</param>
    /// <param name="limits">The limits that were in force.</param>
    /// <param name="mayRepeat">Whether a request may be inside twice: a job whose first attempt was given up, and goes on to its end in a backend that never looks.</param>
    public static OverAdmission Of(IEnumerable<JournalEvent> journal, LimitTimeline limits, bool mayRepeat = false)
    {
        var insideById = new Dictionary<string, int>();
        var excesses = new List<Excess>();
        var (starts, inside, greatest, ratio) = (0, 0, 0, 0.0);
        foreach (var e in journal)
        {
            switch (e.Kind)
            {
                case 'S':
                    var same = insideById[e.Id] = insideById.GetValueOrDefault(e.Id) + 1;
                    if (same > 1 && !mayRepeat)
                    {
                        throw new InvalidDataException($"'{e.Id}' starts while it is inside: the load must give each request an id of its own.");
                    }

                    starts++;
                    inside++;
                    greatest = Math.Max(greatest, inside);
                    var limit = limits.MostAt(e.Time);
                    ratio = Math.Max(ratio, (double)inside / limit);
                    if (inside > limit)
                    {
                        excesses.Add(new(e.Id, e.Time, inside, limit));
                    }

                    break;
                case 'E':
                    if (insideById.GetValueOrDefault(e.Id) is > 0 and var left)
                    {
                        insideById[e.Id] = left - 1;
                        inside--;
                    }

                    EndLast(excesses, e);
                    break;
                case 'K':
                    insideById.Clear();
                    inside = 0;
                    EndLast(excesses, e);
                    break;
            }
        }

        return new(starts, greatest, ratio, excesses);
    }

    private static void EndLast(List<Excess> excesses, JournalEvent end)
    {
        if (excesses is [.., { EndedBy: null } last])
        {
            excesses[^1] = last with { EndedBy = end };
        }
    }
}
