using Microsoft.Extensions.Primitives;

namespace Admission.Security.Login;

/// <summary>Our cookies among those that were sent.</summary>
internal static class OwnCookies
{
    /// <summary>What there is in a <c>Cookie</c> header beside ours; the same where there is none. A long session has several, with numbers at the end of the name.</summary>
    public static StringValues Without(StringValues cookies) => cookies.Any(Has)
        ? cookies.Select(static text => string.Join("; ", (text ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(static each => !IsOurs(each))))
            .Where(static text => text.Length > 0).ToArray()
        : cookies;

    private static bool Has(string? text) =>
        text is not null && (text.Contains(SessionExtensions.CookieName, StringComparison.Ordinal) || text.Contains(SessionExtensions.FormCookieName, StringComparison.Ordinal));

    private static bool IsOurs(string cookie) => cookie.StartsWith(SessionExtensions.CookieName, StringComparison.Ordinal) || cookie.StartsWith(SessionExtensions.FormCookieName, StringComparison.Ordinal);
}
