using Admission.Security.Callers;
using Admission.Security.Login;

namespace Admission.Frontend.Deferring;

/// <summary>Which headers of a request and of an answer are stored.</summary>
internal static class JobHeaders
{
    /// <summary>The client's own key, and, where it has none, the job's id for the backend.</summary>
    public const string IdempotencyKey = "Idempotency-Key";

    /// <summary>Where a job stands, in answers about it.</summary>
    public const string State = "X-Admission-Job-State";

    /// <summary>Keys longer than that are refused.</summary>
    public const int LongestKey = 255;

    // They belong to a connection, or to this gateway, or are said anew.
    private static readonly HashSet<string> NotStored = new(StringComparer.OrdinalIgnoreCase)
    {
        "Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade", "Expect", "Content-Length", "Host", "Server-Timing",
        "X-Request-Deadline", Preferences.Header, JobCallbacks.Header,
    };

    /// <summary>The headers to store: without keys and sessions of ours, which are for this gateway and not for the backend.</summary>
    public static IReadOnlyDictionary<string, string?[]> Keep(IHeaderDictionary headers)
    {
        var kept = new Dictionary<string, string?[]>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in headers)
        {
            var rest = name.Equals("Cookie", StringComparison.OrdinalIgnoreCase) ? OwnCookies.Without(values) : SentKey.Without(name, values);
            if (!NotStored.Contains(name) && !name.StartsWith(':') && (rest.Count > 0 || values.Count == 0))
            {
                kept[name] = [.. rest];
            }
        }

        if (headers.TryGetValue(Preferences.Header, out var preferences) && Preferences.Rest(preferences) is { Count: > 0 } asked)
        {
            kept[Preferences.Header] = [.. asked];
        }

        return kept;
    }

    /// <summary>Puts stored headers into a message.</summary>
    public static void Restore(IReadOnlyDictionary<string, string?[]> stored, IHeaderDictionary headers)
    {
        foreach (var (name, values) in stored)
        {
            headers[name] = values;
        }
    }
}
