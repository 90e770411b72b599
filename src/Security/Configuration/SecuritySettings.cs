using Admission.Security.Keys;

namespace Admission.Security.Configuration;

/// <summary>The section <c>Admission:Security</c>. docs/configuration.md lists every setting.</summary>
internal sealed record SecuritySettings
{
    /// <summary>The keys in force.</summary>
    public IReadOnlyList<ConfiguredKey> Keys { get; init; } = [];

    /// <summary>Whether callers on this machine need no credentials; null (the default) for only as long as none are configured.</summary>
    public bool? TrustLoopback { get; init; }

    /// <summary>Names by which callers on this machine may address it, beside those of loopback.</summary>
    public IReadOnlyList<string> Hosts { get; init; } = [];

    /// <summary>How long a login in a browser lasts. Default 8 h.</summary>
    public TimeSpan Session { get; init; } = TimeSpan.FromHours(8);

    /// <summary>So many wrong keys from one address within <see cref="FailureWindow"/> close it to further wrong ones. Default 10.</summary>
    public int MaxFailures { get; init; } = 10;

    /// <summary>How long wrong keys count, and how long an address is closed. Default 1 min.</summary>
    public TimeSpan FailureWindow { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Tokens of an issuer; null for none. Read at start.</summary>
    public JwtSettings? Jwt { get; init; }

    /// <summary>Whether anybody can prove to have a role.</summary>
    public bool CanProve(AccessRole role) => Jwt is not null || Keys.Any(key => key.Role.Allows(role));

    /// <summary>Whether callers on this machine need no credentials for what this role may.</summary>
    public bool TrustsLocal(AccessRole role) => role == AccessRole.Metrics || (TrustLoopback ?? !CanProve(AccessRole.Viewer));
}

/// <summary>Tokens of an OpenID Connect issuer (<c>Admission:Security:Jwt</c>).</summary>
internal sealed record JwtSettings
{
    /// <summary>The issuer; its keys are read from its <c>/.well-known/openid-configuration</c>.</summary>
    public string Authority { get; init; } = "";

    /// <summary>For whom its tokens must be.</summary>
    public string Audience { get; init; } = "";

    /// <summary>The claim that has the roles. Default <c>roles</c>.</summary>
    public string RoleClaim { get; init; } = "roles";

    /// <summary>The claim that names the caller. Default <c>sub</c>.</summary>
    public string NameClaim { get; init; } = "sub";

    /// <summary>Values of the claim that make a viewer. Default <c>viewer</c>.</summary>
    public IReadOnlyList<string> ViewerRoles { get; init; } = [AccessPolicies.Viewer];

    /// <summary>Values of the claim that make an operator. Default <c>operator</c>.</summary>
    public IReadOnlyList<string> OperatorRoles { get; init; } = [AccessPolicies.Operator];
}
