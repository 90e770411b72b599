using System.Net;
using Admission.Security.Tests.Support;

namespace Admission.Security.Tests;

/// <summary>Who may, by where he is and by the key that he sends.</summary>
public sealed class AccessTests
{
    private static readonly TestKey Viewer = new("vera", "viewer");
    private static readonly TestKey Operator = new("ann", "operator");
    private static readonly TestKey Metrics = new("prometheus", "metrics");
    private static readonly TestKey Client = new("shop", "client", "acme");

    [Theory]
    [InlineData("127.0.0.1", 200)]
    [InlineData("::1", 200)]
    [InlineData(GuardedHost.Elsewhere, 403)]
    [InlineData("::ffff:192.0.2.7", 403)]
    public async Task Without_credentials_only_callers_on_this_machine_are_answered(string from, int status)
    {
        await using var host = await GuardedHost.StartAsync();
        (await host.StatusAsync("/admission/v1/look", from: from)).ShouldBe(status);
        (await host.StatusAsync("/admission/v1/change", "POST", from: from)).ShouldBe(status);
        (await host.StatusAsync("/open", from: from)).ShouldBe(200);
        host.Log.All.ShouldContain("Information 2214");
    }

    [Fact]
    public async Task Once_a_key_is_configured_callers_on_this_machine_need_one_too()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Viewer));
        using var refused = await host.SendAsync("/admission/v1/look");
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        refused.Headers.WwwAuthenticate.ToString().ShouldStartWith("Bearer");
        refused.Content.Headers.ContentType!.MediaType.ShouldBe("application/problem+json");
        refused.Headers.GetValues("X-Admission-Reason").ShouldBe(["credentials-required"]);
        (await host.StatusAsync("/admission/v1/look", key: Viewer.Text)).ShouldBe(200);
        host.Log.All.ShouldContain("Information 2215");
    }

    [Fact]
    public async Task Callers_on_this_machine_are_trusted_beside_keys_only_where_that_is_said()
    {
        await using var host = await GuardedHost.StartAsync(new(TestKey.Settings(Viewer)) { ["Admission:Security:TrustLoopback"] = "true" });
        (await host.StatusAsync("/admission/v1/change", "POST")).ShouldBe(200);
        (await host.StatusAsync("/admission/v1/look", from: GuardedHost.Elsewhere)).ShouldBe(401);
        host.Log.All.ShouldContain("Warning 2216");
    }

    [Fact]
    public async Task Nobody_is_trusted_where_loopback_is_not()
    {
        await using var host = await GuardedHost.StartAsync(new() { ["Admission:Security:TrustLoopback"] = "false" });
        (await host.StatusAsync("/admission/v1/look")).ShouldBe(403);
    }

    [Fact]
    public async Task A_key_that_cannot_look_leaves_callers_on_this_machine_as_they_were()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Metrics, Client));
        (await host.StatusAsync("/admission/v1/change", "POST")).ShouldBe(200);
        (await host.StatusAsync("/admission/v1/look", key: Metrics.Text)).ShouldBe(403);
        (await host.StatusAsync("/admission/v1/look", key: Client.Text, from: GuardedHost.Elsewhere)).ShouldBe(403);
    }

    [Fact]
    public async Task What_a_proxy_on_this_machine_has_passed_on_is_not_local()
    {
        (string Name, string Value)[] headers =
        [
            ("Forwarded", "for=127.0.0.1"), ("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-Host", "localhost"), ("X-Forwarded-Proto", "https"),
            ("X-Original-For", "127.0.0.1:5000"), ("X-Real-IP", "127.0.0.1"), ("Via", "1.1 proxy"),
        ];
        await using var host = await GuardedHost.StartAsync();
        foreach (var header in headers)
        {
            using var refused = await host.SendAsync("/admission/v1/look", headers: header);
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden, header.Name);
            (await refused.Content.ReadAsStringAsync()).ShouldContain("a proxy has passed this request on");
        }

        (await host.StatusAsync("/admission/v1/look")).ShouldBe(200);
    }

    [Fact]
    public async Task A_name_that_a_stranger_has_made_lead_to_loopback_is_refused()
    {
        string[] own = ["localhost", "app.localhost:5000", "127.0.0.1", "127.1.2.3:80", "[::1]:8080", "gateway.internal:8080"];
        string[] strange = ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "192.0.2.7"];
        await using var host = await GuardedHost.StartAsync(new() { ["Admission:Security:Hosts:0"] = "gateway.internal" });
        foreach (var name in own.Concat(strange))
        {
            (await host.StatusAsync("/admission/v1/look", headers: ("Host", name))).ShouldBe(own.Contains(name, StringComparer.Ordinal) ? 200 : 403, name);
        }
    }

    [Fact]
    public async Task A_viewer_looks_and_changes_nothing()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Viewer, Operator));
        using var looked = await host.SendAsync("/admission/v1/look", key: Viewer.Text, from: GuardedHost.Elsewhere);
        (await looked.Content.ReadAsStringAsync()).ShouldBe("vera: client metrics viewer");
        using var refused = await host.SendAsync("/admission/v1/change", "POST", Viewer.Text);
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await refused.Content.ReadAsStringAsync()).ShouldContain("the role operator");
        using var changed = await host.SendAsync("/admission/v1/change", "POST", Operator.Text, GuardedHost.Elsewhere);
        (await changed.Content.ReadAsStringAsync()).ShouldBe("ann: client holder metrics viewer operator");
    }

    [Fact]
    public void Each_role_may_what_those_below_it_may_but_only_holders_and_operators_take_leases()
    {
        var allowed = from own in Enum.GetValues<AccessRole>() from wanted in Enum.GetValues<AccessRole>() where own.Allows(wanted) && wanted != AccessRole.None select $"{own} {wanted}";
        allowed.ShouldBe(
        [
            "Client Client", "Holder Client", "Holder Holder", "Metrics Client", "Metrics Metrics", "Viewer Client", "Viewer Metrics", "Viewer Viewer",
            "Operator Client", "Operator Holder", "Operator Metrics", "Operator Viewer", "Operator Operator",
        ], ignoreOrder: true);
    }

    [Theory]
    [InlineData("/admission/v1/group/look", true)]
    [InlineData("/admission/v1/group/change", false)]
    public async Task What_an_endpoint_says_goes_before_its_group(string path, bool forViewers)
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Viewer, Operator));
        (await host.StatusAsync(path)).ShouldBe(401);
        (await host.StatusAsync(path, key: Viewer.Text)).ShouldBe(forViewers ? 200 : 403);
        (await host.StatusAsync(path, key: Operator.Text)).ShouldBe(200);
    }

    [Fact]
    public async Task A_key_may_come_in_a_header_of_its_own()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Viewer));
        (await host.StatusAsync("/admission/v1/look", headers: ("X-Api-Key", Viewer.Text))).ShouldBe(200);
        (await host.StatusAsync("/admission/v1/look", headers: ("X-Api-Key", Viewer.Text + "x"))).ShouldBe(401);
        (await host.StatusAsync("/admission/v1/look", headers: ("authorization", $"bearer {Viewer.Text}"))).ShouldBe(200);
        (await host.StatusAsync("/admission/v1/look?key=" + Viewer.Text)).ShouldBe(401);
        (await host.StatusAsync("/admission/v1/look", headers: ("Authorization", $"Basic {Viewer.Text}"))).ShouldBe(401);
    }

    [Fact]
    public async Task What_is_open_is_told_who_asks_and_refuses_only_a_wrong_key()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Client));
        (await TextAsync(null)).ShouldBe(": ");
        (await TextAsync(Client.Text)).ShouldBe("shop: client");
        (await TextAsync("a-token-for-the-backend")).ShouldBe(": ");
        (await host.StatusAsync("/admission/v1/mine", key: Client.Text + "x")).ShouldBe(401);

        async Task<string> TextAsync(string? key)
        {
            using var response = await host.SendAsync("/admission/v1/mine", key: key);
            response.StatusCode.ShouldBe(HttpStatusCode.OK);
            return await response.Content.ReadAsStringAsync();
        }
    }

    [Fact]
    public async Task Own_answers_cannot_be_framed_sniffed_or_kept()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Viewer));
        foreach (var (path, key) in new[] { ("/admission/v1/look", Viewer.Text), ("/admission/v1/look", null), ("/admission/login", null) })
        {
            using var response = await host.SendAsync(path, key: key);
            response.Headers.GetValues("X-Frame-Options").ShouldBe(["DENY"], path);
            response.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem().ShouldContain("frame-ancestors 'none'");
            response.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
            response.Headers.GetValues("Referrer-Policy").ShouldBe(["no-referrer"]);
            response.Headers.CacheControl!.NoStore.ShouldBeTrue();
        }
    }
}
