using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Admission.Frontend.Api;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Routing;

namespace Admission.Frontend.Tests;

/// <summary>The hand-kept <c>src/Frontend/Api/openapi.json</c> says what there is.</summary>
public sealed class OpenApiTests
{
    private const string Root = "/admission/v1/";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { NumberHandling = JsonNumberHandling.Strict, TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    [Fact]
    public async Task It_lists_each_address_with_its_methods_and_no_other()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        await using var gateway = await TestGateway.StartAsync(server, new() { ["Limit"] = "3" });
        var document = JsonNode.Parse(await gateway.Http.GetStringAsync("/admission/v1/openapi.json"))!;
        var told = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(method => $"{method.Key.ToUpperInvariant()} {path.Key}"));
        var mapped = gateway.Endpoints.OfType<RouteEndpoint>()
            .Select(endpoint => (Path: "/" + endpoint.RoutePattern.RawText!.Trim('/'), Methods: endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods))
            .Where(endpoint => endpoint.Path.StartsWith(Root, StringComparison.Ordinal) && endpoint.Methods is not null)
            .SelectMany(endpoint => endpoint.Methods!.Select(method => $"{method} {endpoint.Path}"));
        told.Order(StringComparer.Ordinal).ShouldBe(mapped.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Each_view_is_as_it_is_told_and_each_that_is_referred_to_is_there()
    {
        using var stream = typeof(AdmissionApi).Assembly.GetManifestResourceStream("Admission.Frontend.Api.openapi.json")!;
        var document = JsonNode.Parse(stream)!;
        var schemas = document["components"]!["schemas"]!.AsObject();
        var views = schemas.Select(schema => schema.Key).Where(name => name.EndsWith("View", StringComparison.Ordinal)).ToList();
        foreach (var name in views)
        {
            var actual = SchemaOf(name);
            JsonNode.DeepEquals(schemas[name], actual).ShouldBeTrue($"The schema of {name} in openapi.json is not that of the type. It is:\n{actual.ToJsonString()}");
        }

        var referred = Referred(document["paths"]!).Distinct(StringComparer.Ordinal).ToList();
        referred.Where(name => !schemas.ContainsKey(name)).ShouldBeEmpty();
        views.Where(name => !referred.Contains(name, StringComparer.Ordinal)).ShouldBeEmpty();
    }

    private static JsonNode SchemaOf(string view)
    {
        var type = new[] { typeof(AdmissionApi).Assembly, typeof(Grains.Hosting.VersionView).Assembly }.SelectMany(assembly => assembly.GetTypes())
            .Single(type => type.Name == view && type.Namespace!.StartsWith("Admission", StringComparison.Ordinal) && !type.IsNested);
        var schema = Options.GetJsonSchemaAsNode(type, new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true });

        // A reference within the type is one within the document.
        return JsonNode.Parse(schema.ToJsonString().Replace("\"$ref\":\"#/", $"\"$ref\":\"#/components/schemas/{view}/", StringComparison.Ordinal))!;
    }

    private static IEnumerable<string> Referred(JsonNode node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key == "$ref"
            ? [member.Value!.GetValue<string>()[(member.Value!.GetValue<string>().LastIndexOf('/') + 1)..]]
            : member.Value is null ? [] : Referred(member.Value)),
        JsonArray items => items.SelectMany(item => item is null ? [] : Referred(item)),
        _ => [],
    };
}
