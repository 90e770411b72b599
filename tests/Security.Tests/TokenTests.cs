using System.Security.Claims;
using System.Security.Cryptography;
using Admission.Security.Callers;
using Admission.Security.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Admission.Security.Tests;

/// <summary>Tokens of an issuer, and any other authentication of ASP.NET's.</summary>
public sealed class TokenTests : IAsyncLifetime
{
    private const string Audience = "admission";

    // Made once: it takes a while.
    private static readonly RSA Rsa = RSA.Create(2048);

    private WebApplication? _issuer;
    private string _authority = "";
    private volatile bool _away;

    [Fact]
    public async Task A_token_s_role_claim_says_what_its_caller_may()
    {
        await using var host = await StartAsync();
        foreach (var (role, look, change) in new (string?, int, int)[] { ("sre", 200, 200), ("reader", 200, 403), ("accounting", 403, 403), (null, 403, 403) })
        {
            var token = Token(role);
            (await host.StatusAsync("/admission/v1/look", key: token, from: GuardedHost.Elsewhere)).ShouldBe(look, role);
            (await host.StatusAsync("/admission/v1/change", "POST", token, GuardedHost.Elsewhere)).ShouldBe(change, role);
        }
    }

    [Fact]
    public async Task What_the_issuer_calls_operator_is_none_unless_that_is_configured()
    {
        await using var host = await StartAsync();
        using var response = await host.SendAsync("/admission/v1/look", key: Token("reader", more: "operator"));
        (await response.Content.ReadAsStringAsync()).ShouldBe("ann@example: client metrics viewer");
    }

    [Fact]
    public async Task The_subject_of_the_token_is_the_caller_s_name()
    {
        await using var host = await StartAsync();
        using var response = await host.SendAsync("/admission/v1/change", "POST", Token("sre"));
        (await response.Content.ReadAsStringAsync()).ShouldBe("ann@example: client holder metrics viewer operator");
    }

    [Fact]
    public async Task A_token_of_another_issuer_audience_key_or_time_does_not_count()
    {
        await using var host = await StartAsync();
        using var strange = RSA.Create(2048);
        var good = Token("sre");
        (await StatusAsync(good)).ShouldBe(200);
        (await StatusAsync(Token("sre", audience: "another"))).ShouldBe(401);
        (await StatusAsync(Token("sre", issuer: "https://another.example"))).ShouldBe(401);
        (await StatusAsync(Token("sre", lifetime: TimeSpan.FromMinutes(-30)))).ShouldBe(401);
        (await StatusAsync(Token("sre", signedBy: strange))).ShouldBe(401);
        (await StatusAsync(Unsigned())).ShouldBe(401);
        using var refused = await host.SendAsync("/admission/v1/look", key: "no.token.atall");
        refused.Headers.GetValues("X-Admission-Reason").ShouldBe(["token-not-accepted"]);
        (await host.StatusAsync("/admission/v1/mine", key: "no.token.atall")).ShouldBe(200);
        host.Log.All.ShouldNotContain(good.Split('.')[2], customMessage: "A token must not be logged.");

        Task<int> StatusAsync(string token) => host.StatusAsync("/admission/v1/look", key: token);
    }

    [Fact]
    public async Task A_key_and_its_session_count_beside_an_issuer_with_other_names_for_roles()
    {
        var vera = new TestKey("vera", "viewer");
        await using var host = await StartAsync(vera);
        (await host.StatusAsync("/admission/v1/look", key: vera.Text)).ShouldBe(200);
        host.Gate.StillHolds(Caller.Of(host.Gate.Settings.Keys[0]).User!).ShouldBeTrue();
        var session = await Browser.LogInAsync(host, vera);
        (await host.StatusAsync("/admission/v1/look", headers: ("Cookie", session))).ShouldBe(200);
        (await host.StatusAsync("/admission/v1/change", "POST", headers: ("Cookie", session))).ShouldBe(403);
    }

    [Fact]
    public async Task While_the_issuer_does_not_answer_tokens_are_refused_at_once_and_keys_count()
    {
        // It accepts connections, and says nothing.
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var (authority, token, vera) = (_authority, Token("sre"), new TestKey("vera", "viewer"));
        _authority = $"http://{silent.LocalEndpoint}";
        await using var host = await StartAsync(vera);
        foreach (var path in new[] { "/admission/v1/look", "/admission/v1/mine" })
        {
            using var refused = await host.SendAsync(path, key: token).WaitAsync(TimeSpan.FromSeconds(5));
            ((int)refused.StatusCode).ShouldBe(503);
            refused.Headers.GetValues("X-Admission-Reason").ShouldBe(["issuer-unreachable"]);
            refused.Headers.RetryAfter.ShouldNotBeNull();
        }

        (await host.StatusAsync("/admission/v1/look", key: vera.Text)).ShouldBe(200);
        (await host.StatusAsync("/admission/v1/mine", key: "opaque")).ShouldBe(200);
        _authority = authority;
    }

    [Fact]
    public async Task That_the_issuer_is_away_is_logged_and_it_is_asked_again()
    {
        var authority = _authority;
        _away = true;
        await using var host = await StartAsync();
        (await host.StatusAsync("/admission/v1/look", key: Token("sre"))).ShouldBe(503);
        host.Log.All.ShouldContain($"Warning 2219 The issuer of tokens {authority} does not answer");
        _away = false;
        await Until.TrueAsync(() => host.Log.All.Contains("Information 2220", StringComparison.Ordinal), TimeSpan.FromSeconds(20), () => "The issuer is not asked again.");
        (await host.StatusAsync("/admission/v1/look", key: Token("sre"))).ShouldBe(200);
    }

    [Fact]
    public async Task With_an_issuer_callers_on_this_machine_need_a_token_too()
    {
        await using var host = await StartAsync();
        (await host.StatusAsync("/admission/v1/look")).ShouldBe(401);
    }

    [Theory]
    [InlineData("oncall", 200)]
    [InlineData("guest", 403)]
    public async Task Any_scheme_of_the_host_whose_callers_have_the_role_claim_is_accepted(string group, int status)
    {
        await using var host = await GuardedHost.StartAsync(TestKey.Settings(new TestKey("ann", "operator")), more: services =>
        {
            services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, GroupScheme>("test", configureOptions: null);
            services.Configure<AccessOptions>(options =>
            {
                options.Schemes.Add("test");
                (options.RoleClaim, options.OperatorRoles) = ("group", ["oncall"]);
            });
        });
        (await host.StatusAsync("/admission/v1/change", "POST", from: GuardedHost.Elsewhere, headers: ("Authorization", $"Group {group}"))).ShouldBe(status);
    }

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        _issuer = builder.Build();
        _issuer.MapGet("/.well-known/openid-configuration", () => _away ? Results.StatusCode(500) : Results.Json(new Dictionary<string, object> { ["issuer"] = _authority, ["jwks_uri"] = $"{_authority}/keys" }));
        _issuer.MapGet("/keys", () =>
        {
            var key = JsonWebKeyConverter.ConvertFromRSASecurityKey(new RsaSecurityKey(Rsa.ExportParameters(false)) { KeyId = "one" });
            return Results.Json(new { keys = new[] { new { kty = key.Kty, kid = "one", use = "sig", alg = "RS256", n = key.N, e = key.E } } });
        });
        await _issuer.StartAsync();
        _authority = _issuer.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First();
    }

    public async Task DisposeAsync() => await (_issuer?.DisposeAsync() ?? default);

    private Task<GuardedHost> StartAsync(TestKey? key = null) => GuardedHost.StartAsync(new(TestKey.Settings(key is null ? [] : [key]))
    {
        ["Admission:Security:Jwt:Authority"] = _authority, ["Admission:Security:Jwt:Audience"] = Audience, ["Admission:Security:Jwt:RoleClaim"] = "groups",
        ["Admission:Security:Jwt:ViewerRoles"] = "reader, auditor", ["Admission:Security:Jwt:OperatorRoles:0"] = "sre",
    });

    private string Token(string? role, string audience = Audience, string? issuer = null, TimeSpan? lifetime = null, RSA? signedBy = null, string? more = null)
    {
        var ends = DateTime.UtcNow + (lifetime ?? TimeSpan.FromMinutes(5));
        var claims = new Dictionary<string, object> { ["sub"] = "ann@example" };
        if (role is not null)
        {
            claims["groups"] = new[] { more ?? "staff", role };
        }

        return new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
        {
            Issuer = issuer ?? _authority, Audience = audience, Claims = claims, NotBefore = ends.AddHours(-1), IssuedAt = ends.AddHours(-1), Expires = ends,
            SigningCredentials = new SigningCredentials(new RsaSecurityKey(signedBy ?? Rsa) { KeyId = "one" }, SecurityAlgorithms.RsaSha256),
        });
    }

    private string Unsigned()
    {
        var parts = Token("sre").Split('.');
        return $"{Base64UrlEncoder.Encode("{\"alg\":\"none\"}")}.{parts[1]}.";
    }

    private sealed class GroupScheme(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, System.Text.Encodings.Web.UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(
            Request.Headers.Authorization.ToString() is var text && text.StartsWith("Group ", StringComparison.Ordinal)
                ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity([new Claim("group", text[6..])], "test")), "test"))
                : AuthenticateResult.NoResult());
    }
}
