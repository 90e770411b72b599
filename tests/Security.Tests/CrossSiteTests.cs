using Admission.Security.Tests.Support;

namespace Admission.Security.Tests;

/// <summary>What a page of another site can make a browser do.</summary>
public sealed class CrossSiteTests
{
    [Theory]
    [InlineData("Sec-Fetch-Site", "cross-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-site", 403)]
    [InlineData("Sec-Fetch-Site", "same-origin", 200)]
    [InlineData("Sec-Fetch-Site", "none", 200)]
    [InlineData("Origin", "http://evil.example", 403)]
    [InlineData("Origin", "null", 403)]
    [InlineData("Origin", "http://localhost:1", 403)]
    [InlineData("Origin", "http://localhost:8080", 200)]
    [InlineData("Origin", "https://localhost:8080", 200)]
    [InlineData("X-Nothing", "said", 200)]
    public async Task A_page_of_another_site_changes_nothing(string header, string value, int status)
    {
        await using var host = await GuardedHost.StartAsync();
        (await host.StatusAsync("/admission/v1/change", "POST", headers: [("Host", "localhost:8080"), (header, value)])).ShouldBe(status);
        (await host.StatusAsync("/admission/v1/look", headers: [("Host", "localhost:8080"), (header, value)])).ShouldBe(200);
        (await host.StatusAsync("/admission/logout", "POST", headers: [("Host", "localhost:8080"), (header, value)])).ShouldBe(status == 200 ? 303 : 403);
    }

    [Theory]
    [InlineData("https://admin.example", "admin.example", 200)]
    [InlineData("https://admin.example", "admin.example:443", 200)]
    [InlineData("https://admin.example", "admin.example:8443", 403)]
    [InlineData("https://admin.example:8443", "admin.example:8443", 200)]
    public async Task A_port_that_the_scheme_implies_is_the_same(string origin, string name, int status)
    {
        var key = new TestKey("ann", "operator");
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(key));
        (await host.StatusAsync("/admission/v1/change", "POST", key.Text, null, ("Host", name), ("Origin", origin))).ShouldBe(status);
    }

    [Fact]
    public async Task A_page_of_another_site_opens_no_connection_that_stays()
    {
        await using var host = await GuardedHost.StartAsync();
        (string, string)[] upgrade = [("Connection", "Upgrade"), ("Upgrade", "websocket"), ("Sec-WebSocket-Version", "13"), ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ==")];
        (await host.StatusAsync("/admission/v1/look", headers: [.. upgrade, ("Origin", "http://evil.example")])).ShouldBe(403);
        (await host.StatusAsync("/admission/v1/look", headers: [.. upgrade, ("Origin", host.Http.BaseAddress!.ToString().TrimEnd('/'))])).ShouldBe(200);
    }

    [Fact]
    public async Task What_is_open_to_everybody_is_closed_to_other_sites_only_where_a_session_would_count()
    {
        var key = new TestKey("ann", "operator");
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(key));
        (string, string) page = ("Origin", "http://evil.example");
        (await host.StatusAsync("/admission/v1/mine", "DELETE", headers: page)).ShouldBe(200);
        (await host.StatusAsync("/admission/v1/mine", "DELETE", key.Text, null, page)).ShouldBe(200);
        var session = await Browser.LogInAsync(host, key);
        (await host.StatusAsync("/admission/v1/mine", "DELETE", headers: [page, ("Cookie", session)])).ShouldBe(403);
        (await host.StatusAsync("/admission/v1/mine", "DELETE", headers: ("Cookie", session))).ShouldBe(200);
    }
}
