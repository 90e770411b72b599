using System.Globalization;
using System.Security.Claims;
using Admission.Security.Answers;
using Admission.Security.Configuration;
using Admission.Security.Keys;
using Admission.Security.Login;
using Admission.Security.Schemes;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Primitives;

namespace Admission.Security.Callers;

/// <summary>Finds out who asks, and whether he may.</summary>
/// <remarks>
/// The first that says something wins: a key of ours, the schemes of the host (tokens), a session, whoever the application itself has authenticated, and, where that is enough, being on this machine. Nothing here is asked
/// for requests to backends, but for those whose route reads a claim.
/// </remarks>
internal sealed partial class AccessGate(SecurityState state, FailedAttempts failures, IOptions<AccessOptions> options, TimeProvider time, ILogger<AccessGate> logger)
{
    private const string NoAddress = "this machine";
    private const string NoRoles = "admission-no-roles";

    private readonly AccessOptions _options = options.Value;

    /// <summary>The settings in force.</summary>
    public SecuritySettings Settings => state.Settings;

    /// <summary>Whether anybody can prove anything here: else a caller is nobody, or what the application says.</summary>
    public bool KnowsAnybody => state.Settings.Keys.Count > 0 || _options.Schemes.Count > 0;

    /// <summary>Whether browsers can log in.</summary>
    public bool HasLogin => _options.Session is not null && state.Settings.Keys.Any(key => key.Role >= AccessRole.Viewer);

    /// <summary>Whether sessions can be checked and opened: not before their keys were read from the cluster's database.</summary>
    public bool CanCheckSessions => _options.SessionKeys is not { AreKnown: false };

    /// <summary>Lets a request through to an endpoint, as its caller, or answers it.</summary>
    /// <param name="context">The request.</param>
    /// <param name="access">Whom the endpoint is for.</param>
    /// <param name="next">The endpoint.</param>
    public async Task AnswerAsync(HttpContext context, AccessMetadata access, RequestDelegate next)
    {
        var caller = await IdentifyAsync(context, access.Role);
        var isOpen = access.Role == AccessRole.None;
        if (!isOpen)
        {
            OwnHeaders.Put(context.Response);
        }

        // What is open to everybody is open to other sites' pages too, as long as it is not the user who is asked for.
        if (CrossSite.Changes(context) && (!isOpen || (caller.Role > AccessRole.None && !caller.IsDirect)))
        {
            await AccessProblem.FromAnotherSite.WriteAsync(context);
            return;
        }

        if (caller.Wrong is null && caller.Role.Allows(access.Role))
        {
            context.User = caller.User ?? context.User;
            context.Features.Set(caller);
            await next(context);
            return;
        }

        if (HasLogin && caller.User is null && access.Role >= AccessRole.Viewer && IsPageAskedFor(context.Request))
        {
            context.Response.Redirect(LoginEndpoints.AddressFor(context.Request));
            return;
        }

        await (caller.Wrong ?? Refuse(context, access, caller)).WriteAsync(context);
    }

    /// <summary>Who asks.</summary>
    /// <param name="context">The request.</param>
    /// <param name="wanted">What for: being on this machine is enough for some, and what is not needed is not refused.</param>
    public async ValueTask<Caller> IdentifyAsync(HttpContext context, AccessRole wanted)
    {
        var headers = context.Request.Headers;
        if (SentKey.Of(headers) is { } key)
        {
            return Check(context, key);
        }

        var proven = await ByTokenAsync(context) ?? await BySessionAsync(context) ?? ByApplication(context);
        if (!(proven?.Role ?? AccessRole.None).Allows(wanted) && IsLocal(context, wanted))
        {
            // Whoever is on this machine may what anybody on it may, under the name that he has. What is open to everybody needs that from nobody, and a job has its owner on this machine too.
            return proven?.User is { } user ? new Caller(new ClaimsPrincipal([.. user.Identities, .. Caller.Local.User!.Identities]), AccessRole.Operator) : Caller.Local;
        }

        return proven ?? (wanted > AccessRole.None && _options.Schemes.Count > 0 && headers.Authorization.Count > 0 ? Caller.Nobody with { Wrong = AccessProblem.WrongToken } : Caller.Nobody);
    }

    /// <summary>Whose request to a backend it is. A key of ours that is wrong is refused; whatever else was sent may be for the backend.</summary>
    public async ValueTask<Caller> IdentifyClientAsync(HttpContext context) =>
        SentKey.Of(context.Request.Headers) is { } key ? Check(context, key) : await ByTokenAsync(context) ?? ByApplication(context) ?? Caller.Nobody;

    /// <summary>Whose key it is. A wrong one counts against the address that it comes from; a right one passes there too, or one caller behind a proxy could lock all others out.</summary>
    public Caller Check(HttpContext context, string sent)
    {
        var settings = state.Settings;
        if (ConfiguredKey.Find(settings.Keys, sent) is { } key)
        {
            return Caller.Of(key) with { IsDirect = true };
        }

        var address = ClientAddress.Name(context.Connection.RemoteIpAddress) ?? NoAddress;
        if (failures.Closed(address, settings.FailureWindow) is { } left)
        {
            return Caller.Nobody with { Wrong = AccessProblem.TooManyAttempts(left) };
        }

        if (failures.Add(address, settings.MaxFailures, settings.FailureWindow) is { } closed)
        {
            LogClosed(address, settings.MaxFailures, closed.TotalSeconds);
        }

        return Caller.Nobody with { Wrong = AccessProblem.WrongKey };
    }

    /// <summary>Whether a caller that was let in, and has stayed since, such as a browser with an open connection, would be let in still.</summary>
    public bool StillHolds(ClaimsPrincipal user)
    {
        var settings = state.Settings;
        if (long.TryParse(user.FindFirst(Caller.EndClaim)?.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var end) && end <= time.GetUtcNow().ToUnixTimeSeconds())
        {
            return false;
        }

        return user.FindFirst(Caller.KeyClaim)?.Value is { } id
            ? settings.Keys.FirstOrDefault(key => string.Equals(key.Id, id, StringComparison.Ordinal)) is { } key && Array.TrueForAll(AccessRoles.All, each => user.IsInRole(each.Name) == key.Role.Allows(each.Role))
            : !user.Identities.Any(identity => string.Equals(identity.AuthenticationType, Caller.Local.User!.Identity!.AuthenticationType, StringComparison.Ordinal)) || settings.TrustsLocal(AccessRole.Operator);
    }

    private async ValueTask<Caller?> ByTokenAsync(HttpContext context)
    {
        if (context.Request.Headers.Authorization.Count == 0)
        {
            return null;
        }

        var isUnknown = _options.Issuer is { IsKnown: false };
        if (isUnknown && IsToken(context.Request.Headers.Authorization))
        {
            return Caller.Nobody with { Wrong = AccessProblem.IssuerUnreachable };
        }

        foreach (var scheme in _options.Schemes)
        {
            if (isUnknown && scheme == AdmissionSchemes.Token)
            {
                continue;
            }

            if (await context.AuthenticateAsync(scheme) is { Succeeded: true, Principal: { } user })
            {
                var role = RoleOf(user);

                // Only the roles that were made of its own count: the issuer's "operator" may be something else.
                var identities = user.Identities.Select(each => new ClaimsIdentity(each.Claims, each.AuthenticationType, each.NameClaimType, NoRoles));
                return new Caller(new ClaimsPrincipal([.. identities, new ClaimsIdentity(Caller.Claims(role), authenticationType: null)]), role, IsDirect: true);
            }
        }

        return null;
    }

    // As a signed token is: three parts. Who sends something else is not kept from a backend by an issuer that is away.
    private static bool IsToken(StringValues authorization) =>
        authorization is [{ } text] && text.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && text.AsSpan().Count('.') == 2;

    private async ValueTask<Caller?> BySessionAsync(HttpContext context)
    {
        if (!CanCheckSessions && context.Request.Cookies.ContainsKey(Login.SessionExtensions.CookieName))
        {
            return Caller.Nobody with { Wrong = AccessProblem.SessionsUnknown };
        }

        // Its name and role are those that the key has now; without the key there is no session.
        if (_options.Session is not { } session || await context.AuthenticateAsync(session) is not { Succeeded: true, Principal: { } user, Properties: { } properties }
            || user.FindFirst(Caller.KeyClaim)?.Value is not { } id)
        {
            return null;
        }

        var key = state.Settings.Keys.FirstOrDefault(key => string.Equals(key.Id, id, StringComparison.Ordinal));
        return key is null ? null : Caller.Of(key, properties.ExpiresUtc);
    }

    private Caller? ByApplication(HttpContext context) =>
        context.User.Identities.Any(identity => identity.IsAuthenticated) ? new Caller(context.User, RoleOf(context.User)) : null;

    private AccessRole RoleOf(ClaimsPrincipal user)
    {
        var most = AccessRole.None;
        foreach (var claim in user.Identities.Where(identity => identity.IsAuthenticated).SelectMany(identity => identity.Claims))
        {
            if (claim.Type == ClaimTypes.Role || claim.Type == _options.RoleClaim)
            {
                var role = _options.OperatorRoles.Contains(claim.Value, StringComparer.Ordinal) ? AccessRole.Operator
                    : _options.ViewerRoles.Contains(claim.Value, StringComparer.Ordinal) ? AccessRole.Viewer
                    : AccessRole.Client;
                most = role > most ? role : most;
            }
        }

        return most;
    }

    private bool IsLocal(HttpContext context, AccessRole wanted) =>
        state.Settings.TrustsLocal(wanted) && LocalCallers.Are(context) && LoopbackNames.Include(context.Request.Host, state.Settings.Hosts);

    // By somebody who looks at it, not by a program.
    private static bool IsPageAskedFor(HttpRequest request) =>
        (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    private AccessProblem Refuse(HttpContext context, AccessMetadata access, Caller caller)
    {
        if (caller.User is not null)
        {
            return AccessProblem.Role(access.Role);
        }

        var settings = state.Settings;
        if (settings.CanProve(access.Role) || _options.Schemes.Count > 0)
        {
            return AccessProblem.NoCredentials;
        }

        var why = !LocalCallers.Are(context)
            ? LocalCallers.AreForwarded(context.Request)
                ? "It answers on loopback only as long as no credentials are configured, and a proxy has passed this request on (Forwarded, X-Forwarded-For and the like), so nobody knows for whom."
                : "It answers on loopback only as long as no credentials are configured. Ask from the machine that it runs on."
            : "A caller on this machine has to address it as localhost, 127.0.0.1 or [::1], or by a name in Admission:Security:Hosts: a page of a stranger can have any other name lead here.";
        return new AccessProblem(StatusCodes.Status403Forbidden, "local-only", "Only for callers on this machine", $"{why} {access.Remedy}".TrimEnd());
    }

    [LoggerMessage(2213, LogLevel.Warning, "Address {Address} has sent {Count} wrong keys: further wrong ones are answered 429 for {Seconds} s.")]
    private partial void LogClosed(string address, int count, double seconds);
}
