using Admission.Grains.Authority;
using Admission.Grains.Cluster;

namespace Admission.Silo.Health;

/// <summary>Whether the database answers, and how long this silo's ledgers may still grant.</summary>
internal sealed class AuthorityReadiness(SiloAuthority authority, ClusterSettings settings) : IReadiness
{
    /// <summary>So many renewals in a row have failed before anybody is told; fewer are a hiccup.</summary>
    private const int RenewalsMissed = 3;

    /// <inheritdoc/>
    public string? Missing => authority.Age switch
    {
        null => "PostgreSQL has not confirmed this silo's authority yet",
        { } age when age >= settings.AuthorityTtl => $"this silo's authority has run out, and nothing is granted: PostgreSQL last confirmed it {age.TotalSeconds:0} s ago",
        { } age when age > RenewalsMissed * settings.AuthorityRenewal =>
            $"PostgreSQL last answered {age.TotalSeconds:0} s ago; grants go on for another {(settings.AuthorityTtl - age).TotalSeconds:0} s",
        _ => null,
    };
}
