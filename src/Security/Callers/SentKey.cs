using System.Buffers;
using Admission.Security.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Admission.Security.Callers;

/// <summary>Finds a key in a request's headers.</summary>
internal static class SentKey
{
    /// <summary>The header for keys alone.</summary>
    public const string Header = "X-Api-Key";

    private const string Authorization = "Authorization";
    private const string Bearer = "Bearer";
    private const int Longest = 200;

    // As admission key new makes them: 256 bits in base64url.
    private const int SecretLength = 43;

    private static readonly SearchValues<char> SecretLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>The key that was sent; null where none of ours was. Something in <see cref="Header"/> that does not look like one may be for a backend.</summary>
    public static string? Of(IHeaderDictionary headers) =>
        (headers.TryGetValue(Authorization, out var sent) ? First(sent, Bearer) : null) ?? (headers.TryGetValue(Header, out var own) ? First(own, "") : null);

    /// <summary>Takes it out, so that it is not passed on.</summary>
    public static void Remove(IHeaderDictionary headers)
    {
        Remove(headers, Authorization);
        Remove(headers, Header);
    }

    /// <summary>What there is beside keys of ours; the same where there is none.</summary>
    /// <param name="header">The header's name.</param>
    /// <param name="values">Its values.</param>
    public static StringValues Without(string header, StringValues values) =>
        (header.Equals(Authorization, StringComparison.OrdinalIgnoreCase) || header.Equals(Header, StringComparison.OrdinalIgnoreCase)) && values.Any(Has)
            ? values.Where(value => !Has(value)).ToArray()
            : values;

    private static void Remove(IHeaderDictionary headers, string header)
    {
        if (!headers.TryGetValue(header, out var values))
        {
            return;
        }

        var rest = Without(header, values);
        if (rest.Count == 0)
        {
            headers.Remove(header);
        }
        else if (rest.Count < values.Count)
        {
            headers[header] = rest;
        }
    }

    private static string? First(StringValues values, string scheme)
    {
        foreach (var value in values)
        {
            if (value is { Length: <= Longest } && value.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && value[scheme.Length..].Trim() is var key
                && key.StartsWith(ApiKey.Prefix, StringComparison.Ordinal) && (scheme.Length == 0 || char.IsWhiteSpace(value[scheme.Length])))
            {
                return key;
            }
        }

        return null;
    }

    /// <summary>Whether a key of ours is anywhere in it: after any scheme, or in a list.</summary>
    private static bool Has(string? value)
    {
        if (value is null)
        {
            return false;
        }

        for (var at = value.IndexOf(ApiKey.Prefix, StringComparison.Ordinal); at >= 0; at = value.IndexOf(ApiKey.Prefix, at + 1, StringComparison.Ordinal))
        {
            var secret = value.AsSpan(at + ApiKey.Prefix.Length);
            if ((at == 0 || char.IsWhiteSpace(value[at - 1]) || value[at - 1] is ',' or ';' or '"') && secret.Length >= SecretLength && !secret[..SecretLength].ContainsAnyExcept(SecretLetters))
            {
                return true;
            }
        }

        return false;
    }
}
