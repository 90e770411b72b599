using Admission.Security.Callers;
using Admission.Security.Configuration;
using Admission.Security.Schemes;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Primitives;

namespace Admission.Security.Login;

/// <summary>Sessions in browsers: an encrypted cookie that names the key, and nothing more.</summary>
internal static class SessionExtensions
{
    /// <summary>The cookie of a session.</summary>
    public const string CookieName = "admission-session";

    /// <summary>The cookie beside the form's token.</summary>
    public const string FormCookieName = "admission-form";

    /// <summary>Where both are sent: to our own addresses, and not to backends.</summary>
    public const string CookiePath = "/admission";

    /// <summary>Adds them.</summary>
    public static void AddSession(this AuthenticationBuilder authentication, SecuritySettings start)
    {
        authentication.AddCookie(AdmissionSchemes.Session, options =>
        {
            Protect(options.Cookie, CookieName);
            options.SlidingExpiration = false;
            options.ExpireTimeSpan = start.Session;
        });
        authentication.Services.AddOptions<CookieAuthenticationOptions>(AdmissionSchemes.Session)
            .Configure<TimeProvider>(static (options, time) => options.TimeProvider = time);
        authentication.Services.AddAntiforgery(options => Protect(options.Cookie, FormCookieName));
        authentication.Services.Configure<AccessOptions>(options => options.Session = AdmissionSchemes.Session);
    }

    /// <summary>What there is in a <c>Cookie</c> header beside ours; a long session has several, with numbers at the end.</summary>
    public static StringValues WithoutOurs(StringValues cookies) =>
        cookies.Any(static text => text is not null && (text.Contains(CookieName, StringComparison.Ordinal) || text.Contains(FormCookieName, StringComparison.Ordinal)))
            ? cookies.Select(static text => string.Join("; ", (text ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(static each =>
                !each.StartsWith(CookieName, StringComparison.Ordinal) && !each.StartsWith(FormCookieName, StringComparison.Ordinal)))).Where(static text => text.Length > 0).ToArray()
            : cookies;

    private static void Protect(CookieBuilder cookie, string name)
    {
        cookie.Name = name;
        cookie.Path = CookiePath;
        cookie.HttpOnly = true;
        cookie.SameSite = SameSiteMode.Strict;
        cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        cookie.IsEssential = true;
    }
}
