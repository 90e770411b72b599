using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Claims;
using Admission.Grains.Cluster;
using Admission.Security.Callers;
using Admission.Security.Login;
using Admission.Security.Tests.Support;
using Microsoft.Extensions.DependencyInjection;

namespace Admission.Security.Tests;

/// <summary>Logins in browsers.</summary>
public sealed class SessionTests
{
    private static readonly TestKey Ann = new("ann", "operator");
    private static readonly TestKey Vera = new("vera", "viewer");
    private static readonly TestKey Prometheus = new("prometheus", "metrics");

    [Fact]
    public async Task A_browser_is_led_to_the_login_and_back()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Ann));
        using var led = await host.SendAsync("/admission/v1/look?x=1&y=2", headers: ("Accept", "text/html,*/*"));
        led.StatusCode.ShouldBe(HttpStatusCode.Found);
        var page = led.Headers.Location!.ToString();
        page.ShouldBe("/admission/login?returnUrl=%2Fadmission%2Fv1%2Flook%3Fx%3D1%26y%3D2");
        using var done = await Browser.SubmitAsync(host, Ann.Text, "/admission/v1/look?x=1&y=2");
        done.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        done.Headers.Location!.ToString().ShouldBe("/admission/v1/look?x=1&y=2");
        using var look = await host.SendAsync("/admission/v1/look", headers: ("Cookie", Browser.CookieOf(done)));
        (await look.Content.ReadAsStringAsync()).ShouldBe("ann: client holder metrics viewer operator");
        (await host.StatusAsync("/admission/v1/look", headers: ("Accept", "application/json"))).ShouldBe(401);
        (await host.StatusAsync("/admission/v1/change", "POST", headers: ("Accept", "text/html"))).ShouldBe(401);
    }

    [Fact]
    public async Task The_cookie_is_for_this_host_s_own_addresses_and_for_no_script_and_no_other_site()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Ann));
        using var done = await Browser.SubmitAsync(host, Ann.Text);
        var cookie = done.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem();
        cookie.ShouldStartWith("admission-session=");
        cookie.ShouldNotContain(Ann.Text);
        foreach (var attribute in new[] { "; path=/admission;", "; samesite=strict", "; httponly" })
        {
            cookie.ToLowerInvariant().ShouldContain(attribute);
        }

        cookie.ShouldNotContain("secure");
        var request = new Microsoft.AspNetCore.Http.DefaultHttpContext { RequestServices = host.Services };
        request.Request.Scheme = "https";
        await Microsoft.AspNetCore.Authentication.AuthenticationHttpContextExtensions.SignInAsync(request, "admission-session", new ClaimsPrincipal(new ClaimsIdentity("x")));
        request.Response.Headers.SetCookie.ToString().ShouldContain("; secure");
    }

    [Fact]
    public async Task A_login_needs_the_form_that_this_host_has_made()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Ann));
        var forged = new Dictionary<string, string>(StringComparer.Ordinal) { ["key"] = Ann.Text, ["returnUrl"] = "/admission/dashboard", ["__RequestVerificationToken"] = "x" };
        using var without = await Browser.PostAsync(host, forged, cookie: null);
        without.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        without.Headers.GetValues("Set-Cookie").ShouldAllBe(cookie => !cookie.StartsWith("admission-session", StringComparison.Ordinal));
        using var other = await Browser.PostAsync(host, forged, cookie: "admission-form=x");
        other.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await host.StatusAsync("/admission/login", "POST")).ShouldBe(401);
    }

    [Fact]
    public async Task What_is_no_form_is_refused_and_throws_nothing()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Ann));
        const string Encoded = "application/x-www-form-urlencoded";
        foreach (var (type, body, status) in new (string, string, int)[]
        {
            ("multipart/form-data", "x", 400), ("multipart/form-data; boundary=b", "x", 400), (Encoded, new string('a', 40_000), 413),
            (Encoded, string.Join('&', Enumerable.Range(0, 2_000).Select(each => $"{each}=")), 400), (Encoded, $"{new string('k', 5_000)}=1", 400), (Encoded, "key=%zz&returnUrl=%", 400),
        })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/admission/login") { Content = new ByteArrayContent(System.Text.Encoding.ASCII.GetBytes(body)) };
            request.Content.Headers.TryAddWithoutValidation("Content-Type", type).ShouldBeTrue();
            using var answer = await host.Http.SendAsync(request);
            ((int)answer.StatusCode).ShouldBe(status, $"{type} {body[..1]} {body.Length}");
        }

        host.Log.All.ShouldNotContain("Error ");
    }

    [Fact]
    public async Task A_login_leads_nowhere_else_and_adds_no_header()
    {
        string[] elsewhere =
        [
            "https://evil.example/admission/", "//evil.example/admission/", "/\\evil.example", "/admission/\\evil.example", "/admission/x\r\nSet-Cookie: a=b", "/admission/\u00fc", "/admission/a b", "/other", "javascript:alert(1)",
        ];
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Ann));
        foreach (var returnUrl in elsewhere)
        {
            using var done = await Browser.SubmitAsync(host, Ann.Text, returnUrl);
            done.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
            done.Headers.Location!.ToString().ShouldBe(LoginEndpoints.Home);
            done.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem();
        }
    }

    [Fact]
    public async Task The_page_shows_what_it_was_given_as_text_and_runs_no_script()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Ann));
        using var page = await host.SendAsync("/admission/login?returnUrl=/admission/%22%3E%3Cscript%3Ealert(1)%3C/script%3E");
        (await page.Content.ReadAsStringAsync()).ShouldNotContain("<script");
        page.Headers.GetValues("Content-Security-Policy").ShouldHaveSingleItem().ShouldStartWith("default-src 'none';");
    }

    [Fact]
    public async Task A_removed_key_ends_its_sessions_with_the_next_request()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Ann, Vera));
        var session = await Browser.LogInAsync(host, Ann);
        var ann = Caller.Of(host.Gate.Settings.Keys[0]).User!;
        host.Gate.StillHolds(ann).ShouldBeTrue();
        (await host.StatusAsync("/admission/v1/look", headers: ("Cookie", session))).ShouldBe(200);
        host.Change(TestKey.Settings(Vera));
        (await host.StatusAsync("/admission/v1/look", headers: ("Cookie", session))).ShouldBe(401);
        host.Gate.StillHolds(ann).ShouldBeFalse();
    }

    [Fact]
    public async Task A_key_that_may_less_now_has_sessions_that_may_less()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Ann));
        var session = await Browser.LogInAsync(host, Ann);
        (await host.StatusAsync("/admission/v1/change", "POST", headers: ("Cookie", session))).ShouldBe(200);
        host.Change(new(TestKey.Settings(Ann)) { ["Admission:Security:Keys:0:Role"] = "viewer" });
        (await host.StatusAsync("/admission/v1/change", "POST", headers: ("Cookie", session))).ShouldBe(403);
        (await host.StatusAsync("/admission/v1/look", headers: ("Cookie", session))).ShouldBe(200);
    }

    [Fact]
    public async Task A_session_ends_with_its_time_and_with_a_logout()
    {
        await using var host = await GuardedHost.StartAsync(new(TestKey.Settings(Ann)) { ["Admission:Security:Session"] = "1h" });
        var session = await Browser.LogInAsync(host, Ann);
        host.Time.Advance(TimeSpan.FromMinutes(59));
        (await host.StatusAsync("/admission/v1/look", headers: ("Cookie", session))).ShouldBe(200);
        using var left = await host.SendAsync("/admission/logout", "POST", headers: ("Cookie", session));
        left.StatusCode.ShouldBe(HttpStatusCode.SeeOther);
        left.Headers.GetValues("Set-Cookie").ShouldHaveSingleItem().ShouldStartWith("admission-session=;");
        host.Time.Advance(TimeSpan.FromMinutes(2));
        (await host.StatusAsync("/admission/v1/look", headers: ("Cookie", session))).ShouldBe(401);
    }

    [Fact]
    public async Task Who_stays_is_let_out_when_its_session_or_token_ends_or_a_key_is_asked_for()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Vera));
        var vera = Caller.Of(host.Gate.Settings.Keys[0], host.Time.GetUtcNow().AddHours(1)).User!;
        var end = host.Time.GetUtcNow().AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var token = new ClaimsPrincipal(new ClaimsIdentity([new Claim("exp", end)], "token"));
        host.Gate.StillHolds(vera).ShouldBeTrue();
        host.Gate.StillHolds(token).ShouldBeTrue();
        host.Gate.StillHolds(Caller.Local.User!).ShouldBeFalse();
        host.Time.Advance(TimeSpan.FromHours(1));
        host.Gate.StillHolds(vera).ShouldBeFalse();
        host.Gate.StillHolds(token).ShouldBeFalse();
        host.Change(new() { ["Admission:Security:TrustLoopback"] = "true" });
        host.Gate.StillHolds(Caller.Local.User!).ShouldBeTrue();
    }

    [Fact]
    public async Task A_session_that_was_tampered_with_is_none()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Ann));
        var session = await Browser.LogInAsync(host, Ann);
        var middle = session.Length / 2;
        var changed = session[..middle] + (session[middle] == 'A' ? 'B' : 'A') + session[(middle + 1)..];
        (await host.StatusAsync("/admission/v1/look", headers: ("Cookie", changed))).ShouldBe(401);
    }

    [Fact]
    public async Task A_session_holds_where_the_session_keys_are_shared_and_nowhere_else()
    {
        using var shared = new TemporaryFolder();
        await using var one = await GuardedHost.StartAsync(TestKey.Settings(Ann), shared.Path);
        await using var two = await GuardedHost.StartAsync(TestKey.Settings(Ann), shared.Path);
        await using var other = await GuardedHost.StartAsync(TestKey.Settings(Ann));
        var session = await Browser.LogInAsync(one, Ann);
        (await two.StatusAsync("/admission/v1/look", headers: ("Cookie", session))).ShouldBe(200);
        (await other.StatusAsync("/admission/v1/look", headers: ("Cookie", session))).ShouldBe(401);
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Path.Combine(shared.Path, "keys")).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    [Fact]
    public async Task No_request_waits_for_a_database_with_session_keys_that_hangs()
    {
        // As one whose machine hangs: it takes connections, and says nothing.
        using var database = new TcpListener(IPAddress.Loopback, 0);
        database.Start();
        var settings = new ClusterSettings { ConnectionString = $"Host=127.0.0.1;Port={((IPEndPoint)database.LocalEndpoint).Port};Username=admission;Timeout=30" };
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Ann), more: services => services.AddSingleton(settings).AddSingleton<ClusterDatabase>().AddSessionKeysInCluster());
        using var accepted = await database.AcceptTcpClientAsync();

        var began = Stopwatch.GetTimestamp();
        foreach (var headers in new[] { ("Cookie", "admission-session=anything"), ("Cookie", "other=x; admission-session=anything") })
        {
            using var refused = await host.SendAsync("/admission/v1/look", from: GuardedHost.Elsewhere, headers: headers);
            refused.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
            refused.Headers.GetValues("X-Admission-Reason").ShouldBe(["sessions-unknown"]);
            refused.Headers.RetryAfter.ShouldNotBeNull();
        }

        using var page = await host.SendAsync("/admission/login");
        page.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        page.Headers.RetryAfter.ShouldNotBeNull();
        using var form = await Browser.PostAsync(host, new Dictionary<string, string>(StringComparer.Ordinal) { ["key"] = Ann.Text }, cookie: null);
        form.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await host.StatusAsync("/admission/v1/look", key: Ann.Text, from: GuardedHost.Elsewhere)).ShouldBe(200, "a key needs no session");
        (await host.StatusAsync("/admission/v1/look", from: GuardedHost.Elsewhere)).ShouldBe(401);
        Stopwatch.GetElapsedTime(began).ShouldBeLessThan(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task A_key_that_cannot_look_cannot_log_in()
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(Vera, Prometheus));
        using var refused = await Browser.SubmitAsync(host, Prometheus.Text);
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        (await refused.Content.ReadAsStringAsync()).ShouldContain("role=\"alert\"");
    }

    [Fact]
    public async Task Without_a_key_to_log_in_with_the_page_says_so()
    {
        await using var host = await GuardedHost.StartAsync();
        using var page = await host.SendAsync("/admission/login");
        (await page.Content.ReadAsStringAsync()).ShouldContain("No key is configured");
        (await host.StatusAsync("/admission/v1/look", from: GuardedHost.Elsewhere, headers: ("Accept", "text/html"))).ShouldBe(403);
    }
}
