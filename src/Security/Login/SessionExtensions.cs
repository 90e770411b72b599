using Admission.Security.Callers;
using Admission.Security.Configuration;
using Admission.Security.Schemes;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

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
