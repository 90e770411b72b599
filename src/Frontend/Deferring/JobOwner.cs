using System.Security.Claims;

namespace Admission.Frontend.Deferring;

/// <summary>Whose a job is, where the gateway authenticates its clients: then its id alone is not enough to see it.</summary>
internal static class JobOwner
{
    /// <summary>The authenticated caller's name: its subject, or else its name; null for an anonymous one.</summary>
    public static string? Of(HttpContext context)
    {
        var user = context.User;
        return user.Identity is not { IsAuthenticated: true } identity ? null
            : user.FindFirst(ClaimTypes.NameIdentifier)?.Value ?? user.FindFirst("sub")?.Value ?? identity.Name ?? "";
    }

    /// <summary>Whether a caller may see a job.</summary>
    public static bool MaySee(HttpContext context, string? owner) => owner is null || string.Equals(owner, Of(context), StringComparison.Ordinal);
}
