using Microsoft.AspNetCore.Http;

namespace Admission.Security.Answers;

/// <summary>Headers that keep browsers from doing with our answers what they are not for. Answers of backends are not touched.</summary>
internal static class OwnHeaders
{
    /// <summary>No frames (clickjacking), no base elsewhere, forms to nowhere else.</summary>
    public const string Policy = "frame-ancestors 'none'; base-uri 'self'; object-src 'none'; form-action 'self'";

    /// <summary>Puts them; an endpoint may say more afterwards.</summary>
    public static void Put(HttpResponse response)
    {
        var headers = response.Headers;
        headers.XContentTypeOptions = "nosniff";
        headers.XFrameOptions = "DENY";
        headers.ContentSecurityPolicy = Policy;
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
    }
}
