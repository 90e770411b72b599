using System.Security.Claims;
using Admission.Frontend.Classification;
using Admission.Jobs;
using Admission.Security;
using Admission.Security.Callers;

namespace Admission.Frontend.Deferring;

/// <summary>Whose a job is, where the gateway authenticates its clients: then its id alone is not enough to see it.</summary>
/// <remarks>
/// Where the job's tenant is what an authenticated claim of its caller says, the job is its tenant's, and what is stored is the claim's type after a tab. Else it is its caller's, by name; a
/// name that begins with a tab is stored with another before it. Where nobody was authenticated, nothing is stored, and the id is enough. An
/// operator may see every job.
/// </remarks>
internal static class JobOwner
{
    private const char OfTenant = '\t';

    /// <summary>What to store.</summary>
    /// <param name="context">The request.</param>
    /// <param name="tenantClaim">The claim that says its tenant; null where the tenant comes from elsewhere.</param>
    public static string? Of(HttpContext context, string? tenantClaim = null) =>
        tenantClaim is not null ? $"{OfTenant}{tenantClaim}" : NameOf(context) is { } name && name.StartsWith(OfTenant) ? $"{OfTenant}{name}" : NameOf(context);

    /// <summary>Whether a caller may see a job, cancel it and read its result.</summary>
    public static bool MaySee(HttpContext context, JobRecord job) => job.Owner switch
    {
        null => true,
        _ when context.Features.Get<Caller>() is { Role: AccessRole.Operator } => true,
        [OfTenant, not OfTenant, ..] claim => job.Tenant.Length > 0 && string.Equals(SourceValue.OfClaim(context.User, claim[1..]), job.Tenant, StringComparison.Ordinal),
        var name => string.Equals(name, Of(context), StringComparison.Ordinal),
    };

    /// <summary>The authenticated caller's name: its subject, or else its name; null for an anonymous one.</summary>
    private static string? NameOf(HttpContext context)
    {
        var user = context.User;
        return user.Identity is not { IsAuthenticated: true } identity ? null
            : user.FindFirst(ClaimTypes.NameIdentifier)?.Value ?? user.FindFirst("sub")?.Value ?? identity.Name ?? "";
    }
}
