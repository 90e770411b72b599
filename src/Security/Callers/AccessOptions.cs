using Admission.Security.Login;
using Admission.Security.Schemes;

namespace Admission.Security.Callers;

/// <summary>Which of ASP.NET's authentication schemes the gate asks, besides the keys that it knows itself.</summary>
internal sealed class AccessOptions
{
    /// <summary>Schemes that are asked in turn where an <c>Authorization</c> header is no key of ours; whoever of them knows the caller gives its claims. The roles are read from <see cref="RoleClaim"/>.</summary>
    public IList<string> Schemes { get; } = [];

    /// <summary>The issuer whose tokens one of <see cref="Schemes"/> takes; null where none is configured.</summary>
    public IssuerDocument? Issuer { get; set; }

    /// <summary>The scheme of sessions in browsers; null where nobody can log in.</summary>
    public string? Session { get; set; }

    /// <summary>The keys of sessions, where they are in a database; null where they are at hand.</summary>
    public ClusterSessionKeys? SessionKeys { get; set; }

    /// <summary>The claim with the roles of callers of <see cref="Schemes"/>; that of ASP.NET counts too.</summary>
    public string RoleClaim { get; set; } = "roles";

    /// <summary>Values of the claim that make a viewer.</summary>
    public IReadOnlyList<string> ViewerRoles { get; set; } = [AccessPolicies.Viewer];

    /// <summary>Values of the claim that make an operator.</summary>
    public IReadOnlyList<string> OperatorRoles { get; set; } = [AccessPolicies.Operator];
}
