using System.Globalization;

namespace Admission.EndToEnd.Harness;

/// <summary>What a backend wrote of each request's start and end, in one order over its processes: Backends/journal.py.</summary>
internal sealed class Journal(string path)
{
    public string Path { get; } = path;

    public IReadOnlyList<JournalEvent> Read() => File.Exists(Path) ? [.. File.ReadLines(Path).Select(JournalEvent.Parse)] : [];

    /// <summary>The ids in the order in which their work started.</summary>
    public IReadOnlyList<string> Started() => [.. Read().Where(e => e.Kind == 'S').Select(e => e.Id)];

    /// <summary>The ids in the order in which their work ended.</summary>
    public IReadOnlyList<string> Ended() => [.. Read().Where(e => e.Kind == 'E').Select(e => e.Id)];

    /// <summary>The greatest number of requests that were inside at once, those of clients that had left included.</summary>
    /// <param name="from">Counts only from this monotonic time; what was inside by then is counted as well.</param>
    public int Greatest(long from = 0)
    {
        var (inside, greatest) = (0, 0);
        foreach (var e in Read())
        {
            inside = e.Kind switch { 'S' => inside + 1, 'E' => inside - 1, _ => 0 };
            greatest = e.Time >= from ? Math.Max(greatest, inside) : greatest;
        }

        return greatest;
    }

    /// <summary>Requests inside at the end.</summary>
    public int Inside() => Read().Aggregate(0, (inside, e) => e.Kind switch { 'S' => inside + 1, 'E' => inside - 1, _ => 0 });

    /// <summary>
    /// For a backend of one process that does one thing at a time: the most that were inside or waited in its listener's
    /// queue while one was inside. The kernel's queue hides an overshoot from the count of those inside.
    /// </summary>
    public int GreatestWithListenerQueue() => Read().Where(e => e.Kind is 'S' or 'E').Max(e => e.Pending + 1);

    /// <summary>Requests done per second in a window of monotonic time, of a backend that does so many at once.</summary>
    /// <remarks>
    /// Counted from the end of the first batch to the end of the last, so that it does not matter where in their work the
    /// window's edges meet them; a standstill at the window's end counts from the second work time on.
    /// </remarks>
    public double Throughput(long from, long to, int atOnce, double workMs)
    {
        var ends = Read().Where(e => e.Kind == 'E' && e.Time >= from && e.Time < to).Select(e => e.Time).ToArray();
        return ends.Length <= atOnce ? 0
            : (ends.Length - atOnce) / Clock.Seconds(Math.Max(ends[^1], to - (long)(workMs * 2e6)) - ends[atOnce - 1]);
    }

    /// <summary>Notes that all of the backend's processes are dead: nothing is inside.</summary>
    public void NoteKilled() => File.AppendAllText(Path, string.Create(CultureInfo.InvariantCulture, $"K - {Clock.Now} 0 0\n"));
}

/// <summary>A line of the journal.</summary>
/// <param name="Kind">S: the work starts. E: it ends. K: the backend was killed.</param>
/// <param name="Id">The request.</param>
/// <param name="Time">When, on the machine's monotonic clock; see <see cref="Clock"/>.</param>
/// <param name="Pending">Connections in the listener's queue.</param>
/// <param name="Key">The request's Idempotency-Key; "-" where there was none, or the backend does not write it down.</param>
internal readonly record struct JournalEvent(char Kind, string Id, long Time, int Pending, string Key = "-")
{
    public static JournalEvent Parse(string line)
    {
        var fields = line.Split(' ');
        return new(fields[0][0], fields[1], long.Parse(fields[2]), int.Parse(fields[4]), fields.Length > 5 ? fields[5] : "-");
    }
}
