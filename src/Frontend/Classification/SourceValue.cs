using System.Security.Claims;
using Admission.Security.Callers;
using Microsoft.AspNetCore.WebUtilities;

namespace Admission.Frontend.Classification;

/// <summary>What a source says about one request.</summary>
/// <param name="Text">Null where it says nothing: it is not there, or empty.</param>
/// <param name="IsRepeated">It is there several times, so nobody knows which one counts.</param>
internal readonly record struct SourceValue(string? Text, bool IsRepeated = false)
{
    /// <summary>Asks a header, a claim, the query or the client's address. Allocates the text itself where it is not there yet, and for claims what ASP.NET needs to look through them.</summary>
    /// <param name="context">The request.</param>
    /// <param name="source">The source.</param>
    public static SourceValue Of(HttpContext context, in RequestSource source) => source.Kind switch
    {
        SourceKind.Header => OfHeader(context.Request.Headers, source.Name),
        SourceKind.Claim => new SourceValue(OrNothing(OfClaim(context.User, source.Name))),
        SourceKind.Query => OfQuery(context.Request.QueryString, source.Name),
        SourceKind.ClientAddress => new SourceValue(ClientAddress.Name(context.Connection.RemoteIpAddress)),
        _ => default,
    };

    private static SourceValue OfHeader(IHeaderDictionary headers, string name) => headers.TryGetValue(name, out var values)
        ? values.Count == 1 ? new SourceValue(OrNothing(values[0])) : new SourceValue(OrNothing(values.ToString()), IsRepeated: true)
        : default;

    /// <summary>The first claim of a type; null without one. An identity that nobody has authenticated proves nothing.</summary>
    public static string? OfClaim(ClaimsPrincipal user, string type)
    {
        foreach (var identity in user.Identities)
        {
            if (identity.IsAuthenticated && identity.FindFirst(type) is { } claim)
            {
                return claim.Value;
            }
        }

        return null;
    }

    private static SourceValue OfQuery(QueryString query, string name)
    {
        var found = default(SourceValue);
        foreach (var pair in new QueryStringEnumerable(query.Value))
        {
            if (!pair.DecodeName().Span.Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            if (found.Text is not null)
            {
                return found with { IsRepeated = true };
            }

            found = new SourceValue(OrNothing(pair.DecodeValue().ToString()));
        }

        return found;
    }

    private static string? OrNothing(string? text) => string.IsNullOrEmpty(text) ? null : text;
}
