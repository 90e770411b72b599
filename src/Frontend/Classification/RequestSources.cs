using System.Buffers;
using Admission.Grains.Configuration;

namespace Admission.Frontend.Classification;

/// <summary>Reads lists of sources. The first source of a list that yields a value wins.</summary>
internal static class RequestSources
{
    /// <summary>The most sources in one list.</summary>
    public const int Most = 8;

    private static readonly SearchValues<char> HeaderName =
        SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

    /// <summary>What may name a tenant.</summary>
    public static IReadOnlyList<SourceKind> ForTenant { get; } =
        [SourceKind.Header, SourceKind.Claim, SourceKind.Query, SourceKind.ClientAddress, SourceKind.Route];

    /// <summary>What may set a priority.</summary>
    public static IReadOnlyList<SourceKind> ForPriority { get; } = [SourceKind.Header, SourceKind.Claim, SourceKind.Route];

    /// <summary>What may set a weight.</summary>
    public static IReadOnlyList<SourceKind> ForWeight { get; } = [SourceKind.Header, SourceKind.Route, SourceKind.Estimate];

    /// <summary>What may shorten the time in the backend, beside the route.</summary>
    public static IReadOnlyList<SourceKind> ForRunTimeout { get; } = [SourceKind.Header];

    /// <summary>Takes a list in one text apart: <c>Claim:sub, ClientAddress</c>.</summary>
    public static string[] Split(string list) => list.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Reads a list.</summary>
    /// <param name="texts">The sources in order.</param>
    /// <param name="allowed">The kinds that make sense here.</param>
    /// <param name="error">Is told each mistake.</param>
    public static RequestSource[] Parse(IReadOnlyCollection<string> texts, IReadOnlyList<SourceKind> allowed, Action<string> error)
    {
        if (texts.Count > Most)
        {
            error($"{texts.Count} sources are given, at most {Most} are possible.");
        }

        var sources = new List<RequestSource>();
        foreach (var text in texts)
        {
            if (ParseOne(text, allowed, error) is not { } source)
            {
                continue;
            }

            if (sources.Any(other => other.Kind == source.Kind && string.Equals(other.Name, source.Name, StringComparison.OrdinalIgnoreCase)))
            {
                error($"'{source}' is given twice. Keep one.");
            }

            sources.Add(source);
        }

        // A route always has an id, so a tenant is found there at the latest.
        if (ReferenceEquals(allowed, ForTenant) && sources.FindIndex(source => source.Kind == SourceKind.Route) is >= 0 and var at && at < sources.Count - 1)
        {
            error($"'{sources[at + 1]}' is never asked, because 'Route' before it always gives a tenant. Put 'Route' last.");
        }

        return [.. sources];
    }

    private static RequestSource? ParseOne(string text, IReadOnlyList<SourceKind> allowed, Action<string> error)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        var wanted = (colon < 0 ? text : text[..colon]).Trim();
        var name = colon < 0 ? "" : text[(colon + 1)..].Trim();
        foreach (var kind in allowed)
        {
            if (!string.Equals(wanted, kind.ToString(), StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (Mistake(kind, name, text) is { } mistake)
            {
                error(mistake);
                return null;
            }

            return new RequestSource(kind, name);
        }

        var meant = Spelling.DidYouMean(wanted, allowed.Select(kind => kind.ToString()));
        error($"'{text}' is not possible. Choose {string.Join(" or ", allowed.Select(Form))}.{meant}");
        return null;
    }

    private static string? Mistake(SourceKind kind, string name, string text) => (HasName(kind), name.Length > 0) switch
    {
        (true, false) => $"'{text}' does not say which. Write {Form(kind)} with a name in place of NAME.",
        (false, true) => $"'{text}' has a name where none belongs. Write {kind}.",
        _ when kind == SourceKind.Header && name.AsSpan().ContainsAnyExcept(HeaderName) => $"'{name}' cannot be the name of a header.",
        _ => null,
    };

    private static bool HasName(SourceKind kind) => kind is SourceKind.Header or SourceKind.Claim or SourceKind.Query;

    private static string Form(SourceKind kind) => HasName(kind) ? $"{kind}:NAME" : kind.ToString();
}
