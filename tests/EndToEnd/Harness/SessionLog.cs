using System.Globalization;
using System.Text.RegularExpressions;

namespace Admission.EndToEnd.Harness;

/// <summary>Sessions at a PostgreSQL server, by its own log, which has a line for the begin and the end of each.</summary>
/// <remarks>
/// A session begins with the line of its authorization, before its client may say anything, and ends with the line of its disconnection, the last thing that the server's process does before it closes the socket. Each line is
/// one write, so their order is the order in which things happened.
/// </remarks>
/// <param name="Begins">Each begin, in the log's order.</param>
/// <param name="TimeAt">For how long there were just so many at once, in seconds; the index is their number.</param>
internal sealed partial record SessionLog(IReadOnlyList<SessionBegin> Begins, IReadOnlyList<double> TimeAt)
{
    /// <summary>What the server has to be told at its start.</summary>
    public static IReadOnlyDictionary<string, string> Settings { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal) { ["log_connections"] = "on", ["log_disconnections"] = "on", ["log_line_prefix"] = "<%p %n> " };

    /// <summary>Sessions that began.</summary>
    public int Sessions => Begins.Count;

    /// <summary>The most at once.</summary>
    public int Greatest => Begins.Select(begin => begin.AtOnce).DefaultIfEmpty(0).Max();

    /// <summary>Reads a log.</summary>
    /// <param name="log">What the server has written.</param>
    /// <param name="mark">What stands in the line <c>connection authorized: user=... database=... application_name=...</c> of those that count.</param>
    public static SessionLog Of(string log, string mark)
    {
        var (open, begins, timeAt, last) = (new HashSet<string>(StringComparer.Ordinal), new List<SessionBegin>(), new List<double> { 0 }, 0.0);
        foreach (var line in log.Split('\n').Select(line => Line().Match(line)).Where(match => match.Success))
        {
            var (process, time) = (line.Groups["process"].Value, double.Parse(line.Groups["time"].ValueSpan, CultureInfo.InvariantCulture));
            var isBegin = line.Groups["what"].ValueSpan is "connection authorized" && line.Groups["more"].Value.Contains(mark, StringComparison.Ordinal);
            if (!isBegin && !(line.Groups["what"].ValueSpan is "disconnection" && open.Contains(process)))
            {
                continue;
            }

            timeAt[open.Count] += last == 0 ? 0 : time - last;
            last = time;
            if (isBegin)
            {
                open.Add(process).ShouldBeTrue($"Two sessions of one process: {line.Value}");
                begins.Add(new(time, process, open.Count));
                if (timeAt.Count == open.Count)
                {
                    timeAt.Add(0);
                }
            }
            else
            {
                open.Remove(process);
            }
        }

        return new(begins, timeAt);
    }

    [GeneratedRegex(@"^<(?<process>\d+) (?<time>[\d.]+)> LOG:  (?<what>connection authorized|disconnection): (?<more>.*)$", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Line();
}

/// <summary>A session that began.</summary>
/// <param name="Time">When, in seconds on the server's clock.</param>
/// <param name="Process">The server's process that serves it.</param>
/// <param name="AtOnce">Sessions then, this one included.</param>
internal sealed record SessionBegin(double Time, string Process, int AtOnce)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{AtOnce} sessions at once with that of process {Process}, at {Time:F3} s of the server's clock");
}
