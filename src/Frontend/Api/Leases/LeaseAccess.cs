using Admission.Frontend.Problems;
using Admission.Security;
using Admission.Security.Callers;

namespace Admission.Frontend.Api.Leases;

/// <summary>Who may take leases: keys with the role <c>holder</c> and operators. Who may only look takes nothing from anybody.</summary>
internal static class LeaseAccess
{
    /// <summary>Lets holders and operators through.</summary>
    public static ValueTask<object?> CheckAsync(EndpointFilterInvocationContext invocation, EndpointFilterDelegate next) =>
        invocation.HttpContext.Features.Get<Caller>()?.Role is AccessRole.Holder or AccessRole.Operator
            ? next(invocation)
            : new(AdmissionApi.Answer(new Problem(StatusCodes.Status403Forbidden, "role-required", "Another role is required",
                $"Leases are for keys with the role {AccessRole.Holder.Name()} or {AccessRole.Operator.Name()}, and these credentials have neither.")));

    /// <summary>The tenant that a key proves; null for none.</summary>
    public static string? TenantOf(HttpContext context) => context.Features.Get<Caller>()?.User?.FindFirst(Caller.TenantClaim)?.Value;
}
