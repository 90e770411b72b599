namespace Admission.Security;

/// <summary>What a caller may; each may what those before it may, but for leases, which take from others: <see cref="AccessRoles.Allows"/>.</summary>
internal enum AccessRole
{
    /// <summary>Nothing that anybody may not.</summary>
    None = 0,

    /// <summary>Prove its tenant, and see its own jobs.</summary>
    Client,

    /// <summary>Take leases of backends, renew them, and give them back.</summary>
    Holder,

    /// <summary>Scrape metrics.</summary>
    Metrics,

    /// <summary>See everything but other tenants' results.</summary>
    Viewer,

    /// <summary>Change policies, retry and cancel jobs, see results.</summary>
    Operator,
}

/// <summary>Roles by the names that they have in settings and claims.</summary>
internal static class AccessRoles
{
    /// <summary>The roles that a key can have.</summary>
    public static readonly (string Name, AccessRole Role)[] All =
    [
        ("client", AccessRole.Client), ("holder", AccessRole.Holder), ("metrics", AccessRole.Metrics), (AccessPolicies.Viewer, AccessRole.Viewer), (AccessPolicies.Operator, AccessRole.Operator),
    ];

    /// <summary>Whether who has a role may what another one is for.</summary>
    public static bool Allows(this AccessRole own, AccessRole wanted) =>
        own >= wanted && (wanted != AccessRole.Holder || own is AccessRole.Holder or AccessRole.Operator);

    /// <summary>The role's name.</summary>
    public static string Name(this AccessRole role) => All[(int)role - 1].Name;
}
