using Admission.Frontend.Classification;
using Admission.Frontend.Configuration;
using Microsoft.Extensions.Configuration;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Tests.Support;

/// <summary>A route of a backend as the gateway reads both from JSON.</summary>
internal static class TestRoute
{
    public const string Id = "all";

    /// <summary>Reads a backend with the destinations a and b.</summary>
    public static (BackendSettings Backend, List<string> Errors) Read(string backend, Dictionary<string, string>? metadata = null, params string[] destinations)
    {
        var json = $$"""{ "Admission": { "Backends": { "model": {{backend}} } } }""";
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json))).Build();
        var cluster = new ClusterConfig
        {
            ClusterId = "model",
            Destinations = destinations.DefaultIfEmpty("a").ToDictionary(name => name, _ => new DestinationConfig(), StringComparer.OrdinalIgnoreCase),
        };
        var errors = new List<string>();
        var route = Route(metadata);
        RouteSettings.Check(route, errors);
        var settings = SettingsReader.Read(configuration.GetSection("Admission"), [cluster], inCluster: false, errors);
        RouteRules.Check([route], settings, "Admission", errors);
        return (settings.Backends["model"], errors);
    }

    /// <summary>What the requests of the route ask.</summary>
    public static RouteClassifier Of(string backend, Dictionary<string, string>? metadata = null)
    {
        var (settings, errors) = Read(backend, metadata);
        errors.ShouldBeEmpty();
        return new BackendClassifier(settings).For(Route(metadata));
    }

    public static RouteConfig Route(Dictionary<string, string>? metadata = null) => new() { RouteId = Id, ClusterId = "model", Metadata = metadata };
}
