using System.Text;

namespace Admission.Jobs.Storage;

/// <summary>What a transaction changes that somebody may wait for: backends with new work, and jobs that have changed.</summary>
/// <param name="Backends">Backends that have work.</param>
/// <param name="Jobs">Jobs that have changed.</param>
internal sealed record JobNews(IReadOnlyCollection<string> Backends, IReadOnlyCollection<string> Jobs)
{
    private const int LongestPayload = 7000;

    public static JobNews None { get; } = new([], []);

    /// <summary>As payloads of notifications, each short enough for PostgreSQL's 8,000 bytes.</summary>
    public IEnumerable<string> ToPayloads(string serviceId)
    {
        var payload = new StringBuilder();
        foreach (var word in Backends.Select(backend => "w" + Uri.EscapeDataString(backend)).Concat(Jobs.Select(job => "j" + job)))
        {
            if (payload.Length == 0)
            {
                payload.Append(Uri.EscapeDataString(serviceId));
            }

            payload.Append(' ').Append(word);
            if (payload.Length > LongestPayload)
            {
                yield return payload.ToString();
                payload.Clear();
            }
        }

        if (payload.Length > 0)
        {
            yield return payload.ToString();
        }
    }

    /// <summary>Tells those who wait in this process.</summary>
    public void Raise(JobSignals signals)
    {
        foreach (var backend in Backends)
        {
            signals.Work(backend);
        }

        foreach (var job in Jobs)
        {
            signals.Changed(job);
        }
    }

    /// <summary>Reads a payload; null if it is for another service.</summary>
    public static JobNews? Parse(string payload, string serviceId)
    {
        var words = payload.Split(' ');
        return words[0] != Uri.EscapeDataString(serviceId)
            ? null
            : new JobNews(
                [.. words.Skip(1).Where(word => word.StartsWith('w')).Select(word => Uri.UnescapeDataString(word[1..]))],
                [.. words.Skip(1).Where(word => word.StartsWith('j')).Select(word => word[1..])]);
    }
}
