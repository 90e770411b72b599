using Admission.Security.Callers;

namespace Admission.Frontend.Api.Policies;

/// <summary>Who changes something.</summary>
internal static class Operators
{
    private const int Longest = 100;

    /// <summary>The caller's name, for the history.</summary>
    public static string NameOf(HttpContext context)
    {
        var name = context.User.Identity is { IsAuthenticated: true, Name: { Length: > 0 } known } ? known : Caller.OnThisMachine;
        return name.Length <= Longest ? name : name[..Longest];
    }
}
