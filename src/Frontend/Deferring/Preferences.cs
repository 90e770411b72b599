using System.Globalization;
using Microsoft.Extensions.Primitives;

namespace Admission.Frontend.Deferring;

/// <summary>What a client prefers (RFC 7240): as much of the header <c>Prefer</c> as the gateway honours. What it does not know it ignores, as the RFC asks.</summary>
/// <param name="RespondAsync">The answer may be 202, and the rest later.</param>
/// <param name="Wait">How long the client would wait first; null where it does not say.</param>
internal readonly record struct Preferences(bool RespondAsync, TimeSpan? Wait)
{
    public const string Header = "Prefer";

    public const string AppliedHeader = "Preference-Applied";

    private const string RespondAsyncName = "respond-async";
    private const string WaitName = "wait";

    /// <summary>Reads the header. Of a preference that is given twice the first counts.</summary>
    public static Preferences Of(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(Header, out var values))
        {
            return default;
        }

        bool? respondAsync = null;
        TimeSpan? wait = null;
        foreach (var preference in Split(values))
        {
            var (name, value) = Read(preference);
            if (name.Equals(RespondAsyncName, StringComparison.OrdinalIgnoreCase))
            {
                respondAsync = true;
            }
            else if (wait is null && name.Equals(WaitName, StringComparison.OrdinalIgnoreCase)
                && uint.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
            {
                wait = TimeSpan.FromSeconds(seconds);
            }
        }

        return new Preferences(respondAsync ?? false, wait);
    }

    /// <summary>The header without what the gateway honours itself, for the backend.</summary>
    public static StringValues Rest(StringValues values) => new([.. Split(values).Where(preference =>
    {
        var (name, _) = Read(preference);
        return !name.Equals(RespondAsyncName, StringComparison.OrdinalIgnoreCase) && !name.Equals(WaitName, StringComparison.OrdinalIgnoreCase);
    })]);

    private static IEnumerable<string> Split(StringValues values) =>
        values.SelectMany(value => (value ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static (string Name, string Value) Read(string preference)
    {
        var token = preference.Split(';', 2)[0];
        var equals = token.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (token.Trim(), "") : (token[..equals].Trim(), token[(equals + 1)..].Trim().Trim('"'));
    }
}
