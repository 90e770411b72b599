using System.Text.Encodings.Web;
using Admission.Security.Answers;
using Admission.Security.Callers;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Admission.Security.Schemes;

/// <summary>The gate as an authentication scheme: for routes with an <c>AuthorizationPolicy</c>, and for components that ask for one. Being on this machine counts only where the gate has let somebody in for it.</summary>
internal sealed class CallerHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder, AccessGate gate)
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
{
    private AccessProblem? _wrong;

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var caller = Context.Features.Get<Caller>() ?? await gate.IdentifyAsync(Context, AccessRole.None);
        _wrong = caller.Wrong;
        if (caller.User is not null)
        {
            // Only a route to a backend asks here for credentials that were sent, and the key is not for the backend.
            SentKey.Remove(Request.Headers);
        }

        return caller.Wrong is { } wrong ? AuthenticateResult.Fail(wrong.Title)
            : caller.User is { } user ? AuthenticateResult.Success(new AuthenticationTicket(user, Scheme.Name))
            : AuthenticateResult.NoResult();
    }

    protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        await HandleAuthenticateOnceSafeAsync();
        await (_wrong ?? AccessProblem.NoCredentials).WriteAsync(Context);
    }

    protected override Task HandleForbiddenAsync(AuthenticationProperties properties) =>
        new AccessProblem(StatusCodes.Status403Forbidden, "role-required", "Another role is required", "This needs a role that these credentials do not have.").WriteAsync(Context);
}
