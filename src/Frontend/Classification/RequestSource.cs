namespace Admission.Frontend.Classification;

/// <summary>Where a request's tenant, priority, weight or time-out is read from.</summary>
internal enum SourceKind
{
    /// <summary>Nowhere: never configured.</summary>
    None,

    /// <summary>A header of the request.</summary>
    Header,

    /// <summary>A claim of the authenticated user.</summary>
    Claim,

    /// <summary>A parameter of the query.</summary>
    Query,

    /// <summary>The client's address as ASP.NET knows it; see <see cref="ClientAddress"/>.</summary>
    ClientAddress,

    /// <summary>The route: its metadata or, for the tenant, its id.</summary>
    Route,

    /// <summary>What earlier requests of the route cost; see <see cref="CostTable"/>.</summary>
    Estimate,
}

/// <summary>One source, as people write it: <c>Header:X-Tenant</c>, <c>Claim:sub</c>, <c>ClientAddress</c>.</summary>
/// <param name="Kind">Where.</param>
/// <param name="Name">The header, claim or parameter; empty for the others.</param>
internal readonly record struct RequestSource(SourceKind Kind, string Name)
{
    /// <summary>As it is written in the configuration.</summary>
    public override string ToString() => Name.Length == 0 ? Kind.ToString() : $"{Kind}:{Name}";
}
