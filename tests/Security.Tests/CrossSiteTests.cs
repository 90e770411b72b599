using Admission.Security.Tests.Support;

namespace Admission.Security.Tests;

/// <summary>What a page of another site can make a browser do.</summary>
public sealed class CrossSiteTests
{
    [Fact]
    public async Task A_page_of_another_site_changes_nothing()
    {
        (string Name, string Value, bool MayChange)[] said =
        [
            ("Sec-Fetch-Site", "cross-site", false), ("Sec-Fetch-Site", "same-site", false), ("Sec-Fetch-Site", "same-origin", true), ("Sec-Fetch-Site", "none", true),
            ("Origin", "http://evil.example", false), ("Origin", "null", false), ("Origin", "http://localhost:1", false),
            ("Origin", "http://localhost:8080", true), ("Origin", "https://localhost:8080", true), ("X-Nothing", "said", true),
        ];
        await using var host = await GuardedHost.StartAsync();
        foreach (var (name, value, mayChange) in said)
        {
            (string, string)[] headers = [("Host", "localhost:8080"), (name, value)];
            (await host.StatusAsync("/admission/v1/change", "POST", headers: headers)).ShouldBe(mayChange ? 200 : 403, $"{name}: {value}");
            (await host.StatusAsync("/admission/v1/look", headers: headers)).ShouldBe(200, $"{name}: {value}");
            (await host.StatusAsync("/admission/logout", "POST", headers: headers)).ShouldBe(mayChange ? 303 : 403, $"{name}: {value}");
        }
    }

    [Fact]
    public async Task A_port_that_the_scheme_implies_is_the_same()
    {
        (string Origin, string Host, int Status)[] cases =
        [
            ("https://admin.example", "admin.example", 200), ("https://admin.example", "admin.example:443", 200),
            ("https://admin.example", "admin.example:8443", 403), ("https://admin.example:8443", "admin.example:8443", 200),
        ];
        var key = new TestKey("ann", "operator");
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(key));
        foreach (var (origin, name, status) in cases)
        {
            (await host.StatusAsync("/admission/v1/change", "POST", key.Text, null, ("Host", name), ("Origin", origin))).ShouldBe(status, $"{origin} {name}");
        }
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
