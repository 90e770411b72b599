using Admission.Security.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Admission.Security.Callers;

/// <summary>Finds a key in a request's headers.</summary>
internal static class SentKey
{
    /// <summary>The header for keys alone.</summary>
    public const string Header = "X-Api-Key";

    private const string Bearer = "Bearer ";
    private const int Longest = 200;

    /// <summary>The key that was sent; null where none of ours was. Something in <see cref="Header"/> that does not look like one may be for a backend.</summary>
    public static string? Of(IHeaderDictionary headers) => InAuthorization(headers) ?? InOwnHeader(headers);

    /// <summary>Takes it out, so that it is neither passed on nor stored.</summary>
    public static void Remove(IHeaderDictionary headers)
    {
        if (InAuthorization(headers) is not null)
        {
            headers.Remove("Authorization");
        }

        if (InOwnHeader(headers) is not null)
        {
            headers.Remove(Header);
        }
    }

    private static string? InAuthorization(IHeaderDictionary headers) =>
        headers.TryGetValue("Authorization", out var values) && First(values, Bearer) is { } key && LooksLikeOurs(key) ? key : null;

    private static string? InOwnHeader(IHeaderDictionary headers) =>
        headers.TryGetValue(Header, out var values) && First(values, "") is { } key && LooksLikeOurs(key) ? key : null;

    private static string? First(StringValues values, string scheme) =>
        values is [{ Length: <= Longest } text, ..] && text.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? text[scheme.Length..].Trim() : null;

    private static bool LooksLikeOurs(string key) => key.StartsWith(ApiKey.Prefix, StringComparison.Ordinal);
}
