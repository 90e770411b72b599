using System.Net;
using System.Text.RegularExpressions;

namespace Admission.Security.Tests.Support;

/// <summary>What a browser does to log in.</summary>
internal static partial class Browser
{
    /// <summary>Logs in, and gives the cookie that the session is.</summary>
    public static async Task<string> LogInAsync(GuardedHost host, TestKey key)
    {
        using var response = await SubmitAsync(host, key.Text);
        response.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        return CookieOf(response);
    }

    /// <summary>Opens the page, and sends its form.</summary>
    public static async Task<HttpResponseMessage> SubmitAsync(GuardedHost host, string key, string? returnUrl = null, string? from = null)
    {
        using var page = await host.SendAsync("/admission/login" + (returnUrl is null ? "" : $"?returnUrl={Uri.EscapeDataString(returnUrl)}"), from: from);
        page.StatusCode.ShouldBe(HttpStatusCode.OK);
        var html = await page.Content.ReadAsStringAsync();
        var fields = Fields().Matches(html).ToDictionary(match => WebUtility.HtmlDecode(match.Groups["name"].Value), match => WebUtility.HtmlDecode(match.Groups["value"].Value), StringComparer.Ordinal);
        fields["key"] = key;
        return await PostAsync(host, fields, CookieOf(page), from);
    }

    /// <summary>Sends a form.</summary>
    public static Task<HttpResponseMessage> PostAsync(GuardedHost host, Dictionary<string, string> fields, string? cookie, string? from = null)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/admission/login") { Content = new FormUrlEncodedContent(fields) };
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        if (from is not null)
        {
            request.Headers.Add("X-Test-Remote", from);
        }

        return host.Http.SendAsync(request);
    }

    /// <summary>What a browser would send of the cookie that was set.</summary>
    public static string CookieOf(HttpResponseMessage response) => response.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem().Split(';')[0];

    [GeneratedRegex("<input type=\"hidden\" name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\">", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Fields();
}
