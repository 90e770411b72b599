using System.Net;
using System.Security.Cryptography;
using System.Text;
using Admission.Dashboard.Tests.Browsing;

namespace Admission.Dashboard.Tests.Pages;

/// <summary>Who gets an answer below <c>/admission/dashboard</c>, and what it carries. Nothing of it depends on a browser.</summary>
public class GateTests
{
    private const string Key = "adm_viewer-viewer-viewer-viewer-viewer-viewe";

    private static readonly string[] Addresses = ["", "backends/sample", "assets/dashboard.css", "assets/blazor.web.js", "_blazor/initializers", "_framework/opaque-redirect", "nothing/here"];

    [Fact]
    public async Task With_keys_everything_of_it_needs_one_pages_files_and_the_live_connection()
    {
        await using var host = await DashboardHost.StartAsync(settings: new Dictionary<string, string?>
        {
            ["Admission:Security:Keys:0:Name"] = "vic", ["Admission:Security:Keys:0:Role"] = "viewer",
            ["Admission:Security:Keys:0:Hash"] = $"sha256:{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Key)))}",
        });
        using var client = new HttpClient();
        foreach (var address in Addresses)
        {
            (await StatusAsync(client, HttpMethod.Get, host.Dashboard + address)).ShouldBe(HttpStatusCode.Unauthorized, address);
        }

        (await StatusAsync(client, HttpMethod.Post, $"{host.Dashboard}_blazor/negotiate?negotiateVersion=1")).ShouldBe(HttpStatusCode.Unauthorized);
        (await StatusAsync(client, HttpMethod.Get, host.Dashboard, ("X-Api-Key", Key))).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(client, HttpMethod.Post, $"{host.Dashboard}_blazor/negotiate?negotiateVersion=1", ("X-Api-Key", Key))).ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task Without_keys_it_answers_to_names_of_this_machine_and_to_nobody_whom_a_proxy_lets_in()
    {
        await using var host = await DashboardHost.StartAsync();
        using var client = new HttpClient();
        foreach (var address in Addresses)
        {
            (await StatusAsync(client, HttpMethod.Get, host.Dashboard + address, ("Host", "rebound.example"))).ShouldBe(HttpStatusCode.Forbidden, address);
            (await StatusAsync(client, HttpMethod.Get, host.Dashboard + address, ("X-Forwarded-For", "10.0.0.9"))).ShouldBe(HttpStatusCode.Forbidden, address);
        }

        (await StatusAsync(client, HttpMethod.Get, host.Dashboard)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(client, HttpMethod.Get, $"{host.Dashboard}nothing/here")).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_page_of_another_site_cannot_open_the_live_connection()
    {
        await using var host = await DashboardHost.StartAsync();
        using var client = new HttpClient();
        var negotiate = $"{host.Dashboard}_blazor/negotiate?negotiateVersion=1";
        (await StatusAsync(client, HttpMethod.Post, negotiate, ("Origin", "https://elsewhere.example"))).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(client, HttpMethod.Post, negotiate, ("Sec-Fetch-Site", "cross-site"))).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(client, HttpMethod.Post, negotiate, ("Origin", host.Address))).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(client, HttpMethod.Get, $"{host.Dashboard}_blazor?id=1", ("Origin", "https://elsewhere.example"), ("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")))
            .ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task Every_answer_says_what_a_browser_may_do_with_it_and_files_are_kept_under_their_hash()
    {
        await using var host = await DashboardHost.StartAsync();
        using var client = new HttpClient();
        using var page = await client.GetAsync(new Uri(host.Dashboard));
        var policy = page.Headers.GetValues("Content-Security-Policy").ToList();
        policy.ShouldAllBe(each => each.Contains("frame-ancestors 'none'", StringComparison.Ordinal));
        policy[0].ShouldContain("script-src 'self';");
        page.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
        var text = await page.Content.ReadAsStringAsync();
        var sheet = text.Split('"').First(part => part.StartsWith("assets/dashboard.css?v=", StringComparison.Ordinal));
        text.ShouldNotContain("http://", customMessage: "Nothing is asked of any other machine.");
        text.ShouldNotContain("https://");

        using var asked = new HttpRequestMessage(HttpMethod.Get, host.Dashboard + sheet);
        asked.Headers.Add("Accept-Encoding", "gzip");
        using var kept = await client.SendAsync(asked);
        kept.Headers.CacheControl!.ToString().ShouldContain("immutable");
        kept.Content.Headers.ContentEncoding.ShouldBe(["gzip"]);

        using var again = new HttpRequestMessage(HttpMethod.Get, host.Dashboard + sheet);
        again.Headers.Add("Accept-Encoding", "gzip");
        again.Headers.IfNoneMatch.Add(kept.Headers.ETag!);
        using var unchanged = await client.SendAsync(again);
        unchanged.StatusCode.ShouldBe(HttpStatusCode.NotModified);
    }

    [Fact]
    public async Task Every_other_address_stays_the_backends()
    {
        await using var host = await DashboardHost.StartAsync();
        using var client = new HttpClient();
        foreach (var path in (string[])["/", "/_blazor", "/_framework/blazor.web.js", "/_content/Radzen.Blazor/Radzen.Blazor.js", "/assets/dashboard.css", "/backends/sample", "/admission", "/admission/dashboards"])
        {
            (await client.GetStringAsync(new Uri(host.Address + path))).ShouldBe($"backend {path}");
        }
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient client, HttpMethod method, string address, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, address);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue(name);
        }

        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return answer.StatusCode;
    }
}
