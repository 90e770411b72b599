using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Admission.Frontend.Holding;

/// <summary>Finds the format in which a client's connection can be held.</summary>
internal static class HoldFormats
{
    /// <summary>Chooses by what the client prefers; where that is none of the three, the route's word counts.</summary>
    /// <param name="accept">The request's <c>Accept</c>; one that cannot be read counts as none.</param>
    /// <param name="otherwise">The route's format, or None.</param>
    /// <returns>The format, or null: then the connection is not held.</returns>
    public static HeldFormat? For(StringValues accept, HoldFormat otherwise)
    {
        if (MediaTypeHeaderValue.TryParseList([.. accept.OfType<string>()], out var types))
        {
            var best = types.Max(static type => type.Quality ?? 1);
            foreach (var type in types)
            {
                if ((type.Quality ?? 1) == best && best > 0 && Of(type) is { } format)
                {
                    return format;
                }
            }
        }

        return otherwise switch
        {
            HoldFormat.Json => JsonHeld.Plain,
            HoldFormat.Xml => XmlHeld.Plain,
            HoldFormat.EventStream => EventHeld.Plain,
            _ => null,
        };
    }

    /// <summary>Whether a media type is JSON: <c>application/json</c>, <c>text/json</c>, or one with the suffix <c>+json</c> (RFC 6839).</summary>
    public static bool IsJson(MediaTypeHeaderValue type) => Is(type, "json");

    /// <summary>Whether a media type is XML: <c>application/xml</c>, <c>text/xml</c>, or one with the suffix <c>+xml</c> (RFC 7303).</summary>
    public static bool IsXml(MediaTypeHeaderValue type) => Is(type, "xml");

    /// <summary>Whether a media type is that of server-sent events.</summary>
    public static bool IsEventStream(MediaTypeHeaderValue type) => type.MediaType.Equals(EventHeld.Type, StringComparison.OrdinalIgnoreCase);

    // What the client named is promised to it, so that it gets what it asked for; but never a problem, which is what it may get in place of it, nor a range such as application/*+json, which is no type.
    private static HeldFormat? Of(MediaTypeHeaderValue type) =>
        IsEventStream(type) ? EventHeld.Plain
        : IsJson(type) ? IsPlain(type, JsonHeld.Type) ? JsonHeld.Plain : new JsonHeld(type.MediaType.ToString())
        : IsXml(type) ? IsPlain(type, XmlHeld.Type) ? XmlHeld.Plain : new XmlHeld(type.MediaType.ToString())
        : null;

    private static bool IsPlain(MediaTypeHeaderValue type, string plain) =>
        type.MediaType.Equals(plain, StringComparison.OrdinalIgnoreCase)
        || type.MediaType.IndexOf('*') >= 0
        || type.SubTypeWithoutSuffix.Equals("problem", StringComparison.OrdinalIgnoreCase);

    private static bool Is(MediaTypeHeaderValue type, string name) =>
        type.Suffix.Equals(name, StringComparison.OrdinalIgnoreCase)
        || (type.SubType.Equals(name, StringComparison.OrdinalIgnoreCase)
            && (type.Type.Equals("application", StringComparison.OrdinalIgnoreCase) || type.Type.Equals("text", StringComparison.OrdinalIgnoreCase)));
}
