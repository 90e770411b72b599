using System.Globalization;
using System.Security.Claims;
using Admission.Security.Answers;

namespace Admission.Security.Callers;

/// <summary>Who asks, and what he may.</summary>
/// <param name="User">The caller, with its name and roles; null for one whom the gate does not know.</param>
/// <param name="Role">The most that it may.</param>
/// <param name="Wrong">What is wrong with the credentials that were sent; null if nothing is.</param>
/// <param name="IsDirect">Whether its credentials came with the request itself, which no page of another site can make a browser do.</param>
internal sealed record Caller(ClaimsPrincipal? User, AccessRole Role, AccessProblem? Wrong = null, bool IsDirect = false)
{
    /// <summary>The type of the claim with the tenant that a key proves: <c>Claim:tenant</c> in <c>Classify:Tenant</c>.</summary>
    public const string TenantClaim = "tenant";

    /// <summary>The type of the claim that names the key.</summary>
    public const string KeyClaim = "admission-key";

    /// <summary>The type of the claim with the end of a session, as tokens have theirs: seconds since 1970.</summary>
    public const string EndClaim = "exp";

    /// <summary>Where nobody has to say who he is.</summary>
    public const string OnThisMachine = "somebody on this machine";

    /// <summary>Nobody in particular.</summary>
    public static readonly Caller Nobody = new(null, AccessRole.None);

    /// <summary>A caller on this machine where that is enough.</summary>
    public static readonly Caller Local = Of("admission-local", OnThisMachine, AccessRole.Operator);

    /// <summary>A caller with a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="end">When its session ends; null without one.</param>
    public static Caller Of(Keys.ConfiguredKey key, DateTimeOffset? end = null)
    {
        var caller = Of("admission-key", key.Name, key.Role);
        var identity = (ClaimsIdentity)caller.User!.Identity!;
        identity.AddClaim(new Claim("sub", key.Name));
        identity.AddClaim(new Claim(KeyClaim, key.Id));
        if (end is { } over)
        {
            identity.AddClaim(new Claim(EndClaim, over.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        }

        if (key.Tenant is { } tenant)
        {
            identity.AddClaim(new Claim(TenantClaim, tenant));
        }

        return caller;
    }

    /// <summary>The claims of a role: each name that it has.</summary>
    public static IEnumerable<Claim> Claims(AccessRole role) =>
        AccessRoles.All.Where(each => role.Allows(each.Role)).Select(each => new Claim(ClaimTypes.Role, each.Name));

    private static Caller Of(string how, string name, AccessRole role) =>
        new(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, name), .. Claims(role)], how)), role);
}
