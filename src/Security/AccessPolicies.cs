namespace Admission.Security;

/// <summary>The names of ASP.NET's authorization policies in gateway and silo, which are those of the roles too. An operator is a viewer as well.</summary>
public static class AccessPolicies
{
    /// <summary>Who may look.</summary>
    public const string Viewer = "viewer";

    /// <summary>Who may look and change.</summary>
    public const string Operator = "operator";
}
