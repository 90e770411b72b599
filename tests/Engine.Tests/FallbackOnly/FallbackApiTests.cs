using System.Collections.Immutable;
using Orleans.Runtime;

namespace Admission.Engine.Tests.FallbackOnly;

/// <summary>
/// Every public type and member of the fallback must be one of real Orleans, with the same signature. Types of the namespaces that
/// Microsoft.Orleans.Core.Abstractions defines are compared with that assembly; types from assemblies that the feed lacks are listed here.
/// </summary>
public sealed class FallbackApiTests
{
    /// <summary>Types that real Orleans defines in other assemblies, which cannot be compared.</summary>
    private static readonly ImmutableSortedDictionary<string, string> Elsewhere = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["Orleans.AliasAttribute"] = "Orleans.Serialization.Abstractions",
        ["Orleans.GenerateSerializerAttribute"] = "Orleans.Serialization.Abstractions",
        ["Orleans.IdAttribute"] = "Orleans.Serialization.Abstractions",
        ["Orleans.ImmutableAttribute"] = "Orleans.Serialization.Abstractions",
        ["Orleans.ResponseTimeoutAttribute"] = "Orleans.Serialization.Abstractions",
        ["Orleans.GrainState`1"] = "Orleans.Core",
        ["Orleans.IClientConnectionRetryFilter"] = "Orleans.Core",
        ["Orleans.IClusterClient"] = "Orleans.Core",
        ["Orleans.IGrainState`1"] = "Orleans.Core",
        ["Orleans.Configuration.AdoNetClusteringClientOptions"] = "Orleans.Clustering.AdoNet",
        ["Orleans.Configuration.AdoNetClusteringSiloOptions"] = "Orleans.Clustering.AdoNet",
        ["Orleans.Configuration.AdoNetGrainStorageOptions"] = "Orleans.Persistence.AdoNet",
        ["Orleans.Configuration.ClientConnectionOptions"] = "Orleans.Core",
        ["Orleans.Configuration.ClientMessagingOptions"] = "Orleans.Core",
        ["Orleans.Configuration.ClusterMembershipOptions"] = "Orleans.Core",
        ["Orleans.Configuration.ClusterOptions"] = "Orleans.Core",
        ["Orleans.Configuration.EndpointOptions"] = "Orleans.Runtime",
        ["Orleans.Configuration.GatewayOptions"] = "Orleans.Core",
        ["Orleans.Configuration.GrainCollectionOptions"] = "Orleans.Runtime",
        ["Orleans.Configuration.MemoryGrainStorageOptions"] = "Orleans.Persistence.Memory",
        ["Orleans.Configuration.MessagingOptions"] = "Orleans.Core",
        ["Orleans.Configuration.SiloConnectionOptions"] = "Orleans.Runtime",
        ["Orleans.Configuration.SiloConnectionOptions+ISiloConnectionBuilderOptions"] = "Orleans.Runtime",
        ["Orleans.Configuration.SiloMessagingOptions"] = "Orleans.Runtime",
        ["Orleans.Configuration.SiloOptions"] = "Orleans.Runtime",
        ["Orleans.Hosting.AdoNetGrainStorageServiceCollectionExtensions"] = "Orleans.Persistence.AdoNet",
        ["Orleans.Hosting.AdoNetGrainStorageSiloBuilderExtensions"] = "Orleans.Persistence.AdoNet",
        ["Orleans.Hosting.AdoNetHostingExtensions"] = "Orleans.Clustering.AdoNet",
        ["Orleans.Hosting.ClientBuilderExtensions"] = "Orleans.Core",
        ["Orleans.Hosting.CoreHostingExtensions"] = "Orleans.Runtime",
        ["Orleans.Hosting.IClientBuilder"] = "Orleans.Core",
        ["Orleans.Hosting.ISiloBuilder"] = "Orleans.Runtime",
        ["Orleans.Hosting.MemoryGrainStorageSiloBuilderExtensions"] = "Orleans.Persistence.Memory",
        ["Orleans.Hosting.SiloBuilderExtensions"] = "Orleans.Runtime",
        ["Orleans.Runtime.Hosting.StorageProviderExtensions"] = "Orleans.Runtime",
        ["Orleans.Runtime.IPersistentState`1"] = "Orleans.Runtime",
        ["Orleans.Runtime.PersistentStateAttribute"] = "Orleans.Runtime",
        ["Orleans.Runtime.SiloStatus"] = "Orleans.Core",
        ["Orleans.Storage.IGrainStorage"] = "Orleans.Core",
        ["Orleans.Storage.InconsistentStateException"] = "Orleans.Core",
        ["Microsoft.Extensions.Hosting.OrleansClientGenericHostExtensions"] = "Orleans.Core",
        ["Microsoft.Extensions.Hosting.OrleansSiloGenericHostExtensions"] = "Orleans.Runtime",
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static readonly ImmutableSortedDictionary<string, ApiSurface.ApiType> Ours = ApiSurface.Read(typeof(GrainId).Assembly.Location);

    private static readonly ImmutableSortedDictionary<string, ApiSurface.ApiType> Real = ApiSurface.Read(
        Path.Combine(AppContext.BaseDirectory, "real", "Orleans.Core.Abstractions.dll"));

    [Fact]
    public void Every_public_type_exists_in_real_Orleans()
    {
        var unknown = Ours.Keys.Where(name => !Real.ContainsKey(name) && !Elsewhere.ContainsKey(name)).ToList();
        unknown.ShouldBeEmpty();
    }

    [Fact]
    public void Every_type_that_is_said_to_come_from_elsewhere_is_ours_and_not_in_the_assembly_that_is_compared()
    {
        var wrong = Elsewhere.Keys.Where(name => !Ours.ContainsKey(name) || Real.ContainsKey(name)).ToList();
        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Every_public_member_has_the_signature_of_real_Orleans() =>
        ApiComparer.Differences(Ours, Real).ShouldBeEmpty();

    [Fact]
    public void Most_of_the_API_is_compared_and_not_listed()
    {
        // A comparison of nothing would succeed.
        Ours.Keys.Count(Real.ContainsKey).ShouldBeGreaterThan(35);
        Ours.Where(type => Real.ContainsKey(type.Key)).Sum(type => type.Value.Members.Count).ShouldBeGreaterThan(200);
    }
}
