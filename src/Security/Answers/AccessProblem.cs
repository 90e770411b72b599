using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Admission.Security.Answers;

/// <summary>Why a request is not answered (RFC 9457), in the form of all problems of a gateway.</summary>
/// <param name="Status">The status code.</param>
/// <param name="Reason">In kebab-case; also the end of the type, and the header <c>X-Admission-Reason</c>.</param>
/// <param name="Title">What is wrong, the same for each such problem.</param>
/// <param name="Detail">What is wrong here, and what to do. Never with anything that was sent.</param>
internal sealed record AccessProblem(int Status, string Reason, string Title, string Detail)
{
    private const string ReasonHeader = "X-Admission-Reason";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    /// <summary>Nobody in particular asks for what is not for everybody.</summary>
    public static readonly AccessProblem NoCredentials = new(StatusCodes.Status401Unauthorized, "credentials-required", "Credentials are required",
        "Send a key of Admission:Security:Keys as Authorization: Bearer adm_... or X-Api-Key: adm_..., or a token of the issuer where one is configured. With a browser log in at /admission/login.");

    /// <summary>The key is none of those configured.</summary>
    public static readonly AccessProblem WrongKey = new(StatusCodes.Status401Unauthorized, "key-not-known", "The key is not known",
        "The key that was sent is none of Admission:Security:Keys, or not any more.");

    /// <summary>The token does not hold.</summary>
    public static readonly AccessProblem WrongToken = new(StatusCodes.Status401Unauthorized, "token-not-accepted", "The token is not accepted",
        "The token that was sent is not for this audience, not of the issuer that is configured, not signed by it, or has expired.");

    /// <summary>Nobody can say whether the token holds.</summary>
    public static readonly AccessProblem IssuerUnreachable = new(StatusCodes.Status503ServiceUnavailable, "issuer-unreachable", "The issuer of tokens does not answer",
        "The keys of the issuer (Admission:Security:Jwt:Authority) could not be read since the start, so no token can be checked. They are asked for again and again; keys of Admission:Security:Keys count meanwhile.")
    {
        RetryAfter = 5,
    };

    /// <summary>Nobody can say whether the session holds.</summary>
    public static readonly AccessProblem SessionsUnknown = new(StatusCodes.Status503ServiceUnavailable, "sessions-unknown", "The keys of sessions are not known yet",
        "The keys of sessions are in the cluster's database, and could not be read since the start. It is asked again and again; keys of Admission:Security:Keys in a header count meanwhile.")
    {
        RetryAfter = 5,
    };

    /// <summary>Another site's page makes the browser ask.</summary>
    public static readonly AccessProblem FromAnotherSite = new(StatusCodes.Status403Forbidden, "cross-site", "A page of another site asks",
        "A browser says that this request comes from a page of another site (Origin, Sec-Fetch-Site). Changes are made only from pages of this address, and by programs.");

    /// <summary>Seconds after which to come back; null for never as it is.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Too many wrong keys have come from the address.</summary>
    public static AccessProblem TooManyAttempts(TimeSpan left) => new(StatusCodes.Status429TooManyRequests, "too-many-attempts", "Too many wrong keys",
        "The key is not known, and too many wrong ones have come from this address. Come back later, or with a key of Admission:Security:Keys.")
    {
        RetryAfter = (int)Math.Max(1, Math.Ceiling(left.TotalSeconds)),
    };

    /// <summary>The caller is known, and may not.</summary>
    public static AccessProblem Role(AccessRole role) => new(StatusCodes.Status403Forbidden, "role-required", "Another role is required",
        $"This needs the role {role.Name()}, and these credentials do not have it.");

    /// <summary>Sends it.</summary>
    public Task WriteAsync(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers[ReasonHeader] = Reason;
        if (Status == StatusCodes.Status401Unauthorized)
        {
            headers.WWWAuthenticate = Reason switch
            {
                "token-not-accepted" or "key-not-known" => "Bearer realm=\"Admission\", error=\"invalid_token\"",
                _ => "Bearer realm=\"Admission\"",
            };
        }

        if (RetryAfter is { } seconds)
        {
            headers.RetryAfter = seconds.ToString(CultureInfo.InvariantCulture);
        }

        context.Response.StatusCode = Status;
        var body = new { type = $"urn:admission:problem:{Reason}", title = Title, status = Status, detail = Detail, reason = Reason, retryAfter = RetryAfter };
        return context.Response.WriteAsJsonAsync(body, Json, contentType: "application/problem+json", context.RequestAborted);
    }
}
