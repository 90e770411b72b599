using Admission.Frontend.Classification;
using Admission.Frontend.Tests.Support;

namespace Admission.Frontend.Tests.Classification;

public sealed class ClassifySettingsTests
{
    [Fact]
    public void Reads_lists_and_texts_alike()
    {
        var (list, _) = TestRoute.Read("""{ "Limit": 8, "Classify": { "Tenant": [ "claim:http://schemas.example/sub", "ClientAddress" ] } }""");
        list.Classify.Tenant.ShouldBe([new RequestSource(SourceKind.Claim, "http://schemas.example/sub"), new RequestSource(SourceKind.ClientAddress, "")]);
        var (text, _) = TestRoute.Read("""{ "Limit": 8, "Classify": { "Tenant": "Claim:http://schemas.example/sub , clientaddress" } }""");
        text.Classify.Tenant.ShouldBe(list.Classify.Tenant);
    }

    [Fact]
    public void Reads_how_an_estimate_is_made()
    {
        var (backend, errors) = TestRoute.Read("""{ "Limit": 8, "Classify": { "Weight": "Estimate", "Estimate": { "Reference": "250ms", "MaxWeight": 4, "PathSegments": 2 } } }""");
        errors.ShouldBeEmpty();
        backend.Classify.Estimate.ShouldBe(new EstimateSettings(TimeSpan.FromMilliseconds(250), 4, 2));
        TestRoute.Read("""{ "Limit": 8, "Classify": { "Estimate": { "Reference": "1s" } } }""").Backend.Classify.Estimate
            .ShouldBe(new EstimateSettings(TimeSpan.FromSeconds(1), 10, 0));
        TestRoute.Read("""{ "Limit": 8 }""").Backend.Classify.Estimate.ShouldBeNull();
    }

    [Theory]
    [InlineData("""{ "Tenant": "Cookie:x" }""", "Tenant: 'Cookie:x' is not possible. Choose Header:NAME or Claim:NAME or Query:NAME or ClientAddress or Route.")]
    [InlineData("""{ "Tenant": "Haeder:x" }""", "Tenant: 'Haeder:x' is not possible. Choose Header:NAME or Claim:NAME or Query:NAME or ClientAddress or Route. Did you mean 'Header'?")]
    [InlineData("""{ "Tenant": "Header" }""", "Tenant: 'Header' does not say which. Write Header:NAME with a name in place of NAME.")]
    [InlineData("""{ "Tenant": "Route:all" }""", "Tenant: 'Route:all' has a name where none belongs. Write Route.")]
    [InlineData("""{ "Tenant": "Header:X Tenant" }""", "Tenant: 'X Tenant' cannot be the name of a header.")]
    [InlineData("""{ "Tenant": [ "Header:a", "Header:A" ] }""", "Tenant: 'Header:A' is given twice. Keep one.")]
    [InlineData("""{ "Tenant": [ "Route", "Header:a" ] }""", "Tenant: 'Header:a' is never asked, because 'Route' before it always gives a tenant. Put 'Route' last.")]
    [InlineData("""{ "Tenant": "Query:1,Query:2,Query:3,Query:4,Query:5,Query:6,Query:7,Query:8,Query:9" }""", "Tenant: 9 sources are given, at most 8 are possible.")]
    [InlineData("""{ "Tenant": [ { "Header": "x" } ] }""", "Tenant:0: a section is given where a value belongs.")]
    [InlineData("""{ "Priority": "ClientAddress" }""", "Priority: 'ClientAddress' is not possible. Choose Header:NAME or Claim:NAME or Route.")]
    [InlineData("""{ "Priority": "Query:p" }""", "Priority: 'Query:p' is not possible. Choose Header:NAME or Claim:NAME or Route.")]
    [InlineData("""{ "Weight": "Claim:w" }""", "Weight: 'Claim:w' is not possible. Choose Header:NAME or Route or Estimate.")]
    [InlineData("""{ "Weight": "Estimate" }""", "Estimate:Reference: missing. Give the time in the backend that one permit stands for, such as 100ms.")]
    [InlineData("""{ "Estimate": { "MaxWeight": 3 } }""", "Estimate:Reference: missing. Give the time in the backend that one permit stands for, such as 100ms.")]
    [InlineData("""{ "Estimate": { "Reference": "0s" } }""", "Estimate:Reference: 00:00:00 is not possible. Give a duration from 00:00:00.0010000 to 01:00:00.")]
    [InlineData("""{ "Estimate": { "Reference": "1s", "MaxWeight": 1001 } }""", "Estimate:MaxWeight: 1001 is not possible. Give a whole number from 1 to 1000.")]
    [InlineData("""{ "Estimate": { "Reference": "1s", "PathSegments": 9 } }""", "Estimate:PathSegments: 9 is not possible. Give a whole number from 0 to 8.")]
    [InlineData("""{ "Estimate": { "Reference": "1s", "Quantile": 9 } }""", "Estimate:Quantile: there is no such setting. Known here: Reference, MaxWeight, PathSegments.")]
    [InlineData("""{ "Tennant": "Route" }""", "Tennant: there is no such setting. Did you mean 'Tenant'? Known here: Weight, Tenant, Priority, RunTimeout, Estimate.")]
    [InlineData("""{ "RunTimeout": "Header:X-Request-Timeout" }""", "RunTimeout: a request that ends early gives its permit back while this backend is still at work on it. Set StopsWhenAbandoned to true if the backend stops such work, or leave this out.")]
    public void Names_the_mistake_and_the_remedy(string classify, string expected)
    {
        var (_, errors) = TestRoute.Read($$"""{ "Limit": 8, "Classify": {{classify}} }""");
        errors.ShouldHaveSingleItem().ShouldBe($"Admission:Backends:model:Classify:{expected}");
    }

    [Fact]
    public void Is_a_section() => TestRoute.Read("""{ "Limit": 8, "Classify": "Header:X-Tenant" }""").Errors.ShouldHaveSingleItem()
        .ShouldBe("Admission:Backends:model:Classify: a value is given where a section belongs. Write it under Tenant, Priority, Weight or RunTimeout.");

    [Theory]
    [InlineData("Admission.Priority", "urgent", "'urgent' is not possible. Give critical, normal, background, or a whole number from 0 to 99.")]
    [InlineData("Admission.Priority", "100", "'100' is not possible. Give critical, normal, background, or a whole number from 0 to 99.")]
    [InlineData("Admission.Tenant", "", "'' is not possible. Give one name of 1 to 200 characters.")]
    [InlineData("Admission.MaxWait", "2", "'2' is not understood. Write a duration such as 500ms, 2s, 1m, 1h or 00:00:02.")]
    [InlineData("Admission.MaxWait", "11s", "00:00:11 is longer than the backend's Queue:MaxWait, 00:00:10, and a route can only shorten that.")]
    [InlineData("Admission.RunTimeout", "2m", "00:02:00 is longer than the backend's RunTimeout, 00:01:00, and a route can only shorten that.")]
    [InlineData("Admission.RunTimeout", "1ms", "00:00:00.0010000 is not possible. Give a duration from 00:00:00.0100000 to 1.00:00:00.")]
    [InlineData("Admission.TenantFrom", "Estimate", "'Estimate' is not possible. Choose Header:NAME or Claim:NAME or Query:NAME or ClientAddress or Route.")]
    [InlineData("Admission.WeightFrom", "Estimate", "the backend does not say how an Estimate is made. Give it Classify:Estimate:Reference, the time that one permit stands for.")]
    public void Names_the_mistake_in_a_routes_metadata(string key, string value, string expected)
    {
        var (_, errors) = TestRoute.Read("""{ "Limit": 8, "Overflow": "Wait" }""", new() { [key] = value });
        errors.ShouldHaveSingleItem().ShouldBe($"ReverseProxy:Routes:all:Metadata:{key}: {expected}");
    }

    [Fact]
    public void Does_not_judge_a_route_by_a_backend_that_is_wrong_itself()
    {
        var (_, errors) = TestRoute.Read("""{ "Limit": 8, "RunTimeout": "long" }""", new() { ["Admission.RunTimeout"] = "2m" });
        errors.ShouldHaveSingleItem().ShouldStartWith("Admission:Backends:model:RunTimeout: 'long' is not understood.");
    }
}
