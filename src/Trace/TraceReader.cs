using System.Text.Json;

namespace Admission.Trace;

/// <summary>Reads an arrivals file. Every mistake is told with the number of its line, up to <see cref="MostErrors"/>.</summary>
public static class TraceReader
{
    /// <summary>The most requests that one replay takes; a longer file is an error, because all of them are kept in memory.</summary>
    public const int MostArrivals = 5_000_000;

    /// <summary>After so many mistakes the rest of the file is not looked at.</summary>
    public const int MostErrors = 20;

    private const double LongestSeconds = 366 * 24 * 60 * 60;

    /// <summary>Reads a file.</summary>
    /// <param name="text">The file.</param>
    /// <param name="errors">Takes the mistakes; the arrivals mean something only when none was added.</param>
    /// <returns>The arrivals in the order of their time; the first is at zero.</returns>
    public static List<Arrival> Read(TextReader text, List<string> errors)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(errors);
        var arrivals = new List<Arrival>();
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        DateTimeOffset? first = null;
        TimeSpan? shift = null;
        var before = errors.Count;
        for (var number = 1; text.ReadLine() is { } line; number++)
        {
            if (line.Length == 0)
            {
                continue;
            }

            if (ReadLine(line, out var started, out var arrival) is { } mistake)
            {
                errors.Add($"line {number}: {mistake}");
                if (errors.Count - before >= MostErrors)
                {
                    errors.Add($"line {number}: {MostErrors} mistakes are enough; the rest of the file was not read.");
                    return arrivals;
                }
            }
            else if (started is { } instant)
            {
                first ??= instant;
                shift = instant - first.Value;
            }
            else if (shift is null)
            {
                errors.Add($"line {number}: there is no header line before it. The first line of an arrivals file is {{\"format\":\"{TraceFormat.Name}\",\"version\":{TraceFormat.Version},\"started\":\"...\"}}.");
                return arrivals;
            }
            else if (arrivals.Count == MostArrivals)
            {
                errors.Add($"line {number}: the file has more than {MostArrivals} requests. Cut it.");
                return arrivals;
            }
            else
            {
                arrivals.Add(arrival with { At = arrival.At + shift.Value, Backend = Same(names, arrival.Backend), Tenant = arrival.Tenant is null ? null : Same(names, arrival.Tenant) });
            }
        }

        if (arrivals.Count == 0 && errors.Count == before)
        {
            errors.Add("the file has no request.");
        }

        return InOrder(arrivals);
    }

    // Stable, so that two requests of one instant keep their order.
    private static List<Arrival> InOrder(List<Arrival> arrivals)
    {
        var ordered = arrivals.OrderBy(static arrival => arrival.At).ToList();
        for (var i = ordered.Count - 1; i >= 0; i--)
        {
            ordered[i] = ordered[i] with { At = ordered[i].At - ordered[0].At };
        }

        return ordered;
    }

    private static string Same(Dictionary<string, string> names, string name) => names.TryGetValue(name, out var known) ? known : names[name] = name;

    private static string? ReadLine(string line, out DateTimeOffset? started, out Arrival arrival)
    {
        started = null;
        arrival = default;
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(line);
        }
        catch (JsonException)
        {
            return $"'{Shorten(line)}' is not a JSON object. Each line is one, from {{ to }}.";
        }

        using (document)
        {
            var members = document.RootElement;
            if (members.ValueKind != JsonValueKind.Object)
            {
                return $"'{Shorten(line)}' is not a JSON object. Each line is one, from {{ to }}.";
            }

            return members.TryGetProperty("format", out var format) ? ReadHeader(members, format, out started) : new ArrivalLine(members).Read(out arrival);
        }
    }

    private static string? ReadHeader(JsonElement members, JsonElement format, out DateTimeOffset? started)
    {
        started = null;
        if (format.ValueKind != JsonValueKind.String || !format.ValueEquals(TraceFormat.Name))
        {
            return $"format is {format.GetRawText()}, not \"{TraceFormat.Name}\".";
        }

        if (!members.TryGetProperty("version", out var version) || version.ValueKind != JsonValueKind.Number || !version.TryGetInt32(out var number) || number != TraceFormat.Version)
        {
            return $"version is {(version.ValueKind == JsonValueKind.Undefined ? "missing" : version.GetRawText())}; this program reads {TraceFormat.Version}.";
        }

        if (!members.TryGetProperty("started", out var text) || text.ValueKind != JsonValueKind.String || !text.TryGetDateTimeOffset(out var instant))
        {
            return "started is missing or not a time such as 2026-11-21T13:30:00Z.";
        }

        started = instant;
        return null;
    }

    private static string Shorten(string text) => text.Length <= 60 ? text : $"{text.AsSpan(0, 60)}...";

    /// <summary>One request's line; the first mistake is told.</summary>
    private struct ArrivalLine(JsonElement members)
    {
        private string? _mistake;

        public string? Read(out Arrival arrival)
        {
            arrival = new Arrival
            {
                At = Seconds("at", required: true) ?? default,
                Backend = Text("backend", required: true) ?? "",
                Tenant = Text("tenant", required: false),
                Priority = Count("priority", TraceFormat.NormalPriority, 0, TraceFormat.LowestPriority),
                Weight = Count("weight", 1, 1, TraceFormat.LargestWeight),
                Deadline = Seconds("deadline", required: false),
                Waited = Seconds("waited", required: false) ?? default,
                Service = Seconds("service", required: false),
                Outcome = Outcome(),
            };
            if (_mistake is null && arrival is { Outcome: ArrivalOutcome.Served, Service: null })
            {
                _mistake = "service is missing. A request that was served says for how many seconds; one that was not says \"outcome\":\"refused\" or \"left\".";
            }

            return _mistake;
        }

        private TimeSpan? Seconds(string name, bool required)
        {
            if (!Find(name, required, out var value))
            {
                return null;
            }

            if (value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and <= LongestSeconds)
            {
                return TimeSpan.FromSeconds(seconds);
            }

            _mistake ??= $"{name} is {Shorten(value.GetRawText())}. Give seconds from 0 to {LongestSeconds}.";
            return null;
        }

        private int Count(string name, int otherwise, int least, int most)
        {
            if (!Find(name, required: false, out var value))
            {
                return otherwise;
            }

            if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= least && count <= most)
            {
                return count;
            }

            _mistake ??= $"{name} is {Shorten(value.GetRawText())}. Give a whole number from {least} to {most}.";
            return otherwise;
        }

        private string? Text(string name, bool required)
        {
            if (!Find(name, required, out var value))
            {
                return null;
            }

            if (value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 and <= 1000 } text)
            {
                return text;
            }

            _mistake ??= $"{name} is {Shorten(value.GetRawText())}. Give a text of 1 to 1000 characters.";
            return null;
        }

        private ArrivalOutcome Outcome()
        {
            var text = Text("outcome", required: false);
            foreach (var (outcome, word) in TraceFormat.Outcomes)
            {
                if (text is null || text == word)
                {
                    return outcome;
                }
            }

            _mistake ??= $"outcome is '{Shorten(text!)}'. Give {string.Join(" or ", TraceFormat.Outcomes.Select(each => each.Word))}.";
            return ArrivalOutcome.None;
        }

        private bool Find(string name, bool required, out JsonElement value)
        {
            if (members.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null)
            {
                return true;
            }

            if (required)
            {
                _mistake ??= $"{name} is missing.";
            }

            return false;
        }
    }
}
