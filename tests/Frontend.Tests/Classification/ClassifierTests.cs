using System.Net;
using System.Security.Claims;
using Admission.Capacity;
using Admission.Frontend.Classification;
using Admission.Frontend.Problems;
using Admission.Frontend.Tests.Support;
using Admission.Security.Callers;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests.Classification;

public sealed class ClassifierTests
{
    [Fact]
    public void Without_rules_all_requests_are_alike()
    {
        var context = Request(("X-Tenant", "acme"), ("X-Priority", "critical"), ("X-Weight", "7"));
        Take(TestRoute.Of("""{ "Limit": 8 }"""), context).ShouldBe(new AdmissionRequest());
    }

    [Fact]
    public void The_first_source_that_says_something_wins()
    {
        var route = TestRoute.Of("""{ "Limit": 8, "Classify": { "Tenant": [ "Header:X-Tenant", "Claim:sub", "Query:key", "ClientAddress", "Route" ] } }""");
        var context = Request(("X-Tenant", "header"));
        context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "claim")], "test"));
        context.Request.QueryString = new QueryString("?other=1&KEY=a%20query");
        context.Connection.RemoteIpAddress = IPAddress.Parse("203.0.113.7");
        Take(route, context).Tenant.ShouldBe("header");
        context.Request.Headers["X-Tenant"] = "";
        Take(route, context).Tenant.ShouldBe("claim");
        context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("sub", "claim")]));
        Take(route, context).Tenant.ShouldBe("a query", "Nobody has authenticated the identity.");
        context.Request.QueryString = QueryString.Empty;
        Take(route, context).Tenant.ShouldBe("203.0.113.7");
        context.Connection.RemoteIpAddress = null;
        Take(route, context).Tenant.ShouldBe(TestRoute.Id);
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7")]
    [InlineData("2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:2::/64")]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2::/64")]
    [InlineData("fe80::1%3", "fe80:0:0:0::/64")]
    [InlineData("::1", "0:0:0:0::/64")]
    public void An_address_names_whoever_has_it_all(string address, string tenant) => ClientAddress.Name(IPAddress.Parse(address)).ShouldBe(tenant);

    [Theory]
    [InlineData("critical", 0)]
    [InlineData("Normal", 10)]
    [InlineData("background", 20)]
    [InlineData("0", 0)]
    [InlineData("99", 99)]
    public void A_priority_has_a_name_or_a_number(string text, int number)
    {
        var route = TestRoute.Of("""{ "Limit": 8, "Classify": { "Priority": "Header:X-Priority, Claim:tier" } }""", new() { ["Admission.Priority"] = "50" });
        Take(route, Request(("X-Priority", text))).Priority.ShouldBe(number);
        var context = Request();
        context.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("tier", text)], "test"));
        Take(route, context).Priority.ShouldBe(number);
        Take(route, Request()).Priority.ShouldBe(50, "The route's.");
        Take(TestRoute.Of("""{ "Limit": 8 }""", new() { ["Admission.Priority"] = text }), Request()).Priority.ShouldBe(number);
    }

    [Fact]
    public void The_route_can_come_first()
    {
        const string Backend = """{ "Limit": 8, "Classify": { "Priority": [ "Route", "Header:X-Priority" ], "Weight": [ "Route", "Header:X-Weight" ] } }""";
        var context = Request(("X-Priority", "1"), ("X-Weight", "2"));
        Take(TestRoute.Of(Backend, new() { ["Admission.Priority"] = "background", ["Admission.Weight"] = "3" }), context)
            .ShouldBe(new AdmissionRequest { Priority = 20, Weight = 3 });
        Take(TestRoute.Of(Backend), context).ShouldBe(new AdmissionRequest { Priority = 1, Weight = 2 });
    }

    [Fact]
    public void A_route_has_sources_of_its_own()
    {
        const string Backend = """{ "Limit": 8, "Classify": { "Tenant": "Header:X-Tenant", "Priority": "Header:X-Priority", "Weight": "Header:X-Weight" } }""";
        var context = Request(("X-Tenant", "acme"), ("X-Priority", "0"), ("X-Weight", "2"), ("X-Other", "other"));
        Take(TestRoute.Of(Backend, new() { ["Admission.TenantFrom"] = "Header:X-Other", ["Admission.PriorityFrom"] = "", ["Admission.WeightFrom"] = "Route" }), context)
            .ShouldBe(new AdmissionRequest { Tenant = "other" });
        Take(TestRoute.Of("""{ "Limit": 8 }""", new() { ["Admission.TenantFrom"] = "ClientAddress, Route", ["Admission.Tenant"] = "public" }), context)
            .Tenant.ShouldBe("public");
    }

    [Fact]
    public void A_trusted_header_of_ours_wins_and_is_taken_off_as_any_other()
    {
        var route = TestRoute.Of(
            """{ "Limit": 8, "Classify": { "Tenant": "Header:X-Tenant", "Priority": "Header:X-Admission-Priority" } }""", new() { ["Admission.TrustHeaders"] = "true" });
        var context = Request(("X-Tenant", "acme"), ("X-Admission-Tenant", "ours"), ("X-Admission-Priority", "5"));
        Take(route, context).ShouldBe(new AdmissionRequest { Tenant = "ours", Priority = 5 });
        context.Request.Headers.Keys.ShouldBe(["X-Tenant"]);
    }

    [Theory]
    [InlineData(null, 2000)]
    [InlineData("500", 500)]
    [InlineData("5000", 2000)]
    public void The_shortest_wait_holds(string? deadline, int expected)
    {
        var context = deadline is null ? Request() : Request(("X-Request-Deadline", deadline));
        Take(TestRoute.Of("""{ "Limit": 8, "Overflow": "Wait" }""", new() { ["Admission.MaxWait"] = "2s" }), context)
            .MaxWait.ShouldBe(TimeSpan.FromMilliseconds(expected));
        Take(TestRoute.Of("""{ "Limit": 8 }"""), Request()).MaxWait.ShouldBeNull();
    }

    [Theory]
    [InlineData(null, null, 60_000)]
    [InlineData("5s", null, 5_000)]
    [InlineData("5s", "250", 250)]
    [InlineData("5s", "7000", 5_000)]
    [InlineData(null, "86400000", 60_000)]
    public void A_run_can_only_be_made_shorter(string? route, string? header, int expected)
    {
        var classifier = TestRoute.Of(
            """{ "Limit": 8, "StopsWhenAbandoned": true, "Classify": { "RunTimeout": "Header:X-Request-Timeout" } }""",
            route is null ? null : new() { ["Admission.RunTimeout"] = route });
        classifier.Take(header is null ? Request() : Request(("X-Request-Timeout", header)), out var runTimeout, out var problem);
        problem.ShouldBeNull();
        runTimeout.ShouldBe(TimeSpan.FromMilliseconds(expected));
    }

    [Theory]
    [InlineData("X-Priority", "urgent", "The header X-Priority is 'urgent'. Accepted is critical, normal, background, or a whole number from 0 to 99.")]
    [InlineData("X-Priority", "100", "The header X-Priority is '100'. Accepted is critical, normal, background, or a whole number from 0 to 99.")]
    [InlineData("X-Weight", "0", "The header X-Weight is '0'. Accepted is a whole number from 1 to 1000000.")]
    [InlineData("X-Weight", "2.5", "The header X-Weight is '2.5'. Accepted is a whole number from 1 to 1000000.")]
    [InlineData("X-Tenant", "a\u0007b", "The header X-Tenant is 'a\u0007b'. Accepted is one name of 1 to 200 characters.")]
    [InlineData("X-Request-Timeout", "0", "The header X-Request-Timeout is '0'. Accepted is whole milliseconds from 1 to 86400000.")]
    public void Names_the_header_that_is_not_understood(string header, string value, string expected)
    {
        var problem = ProblemOf(Request((header, value)));
        problem.Status.ShouldBe(400);
        problem.Reason.ShouldBe("invalid-header");
        problem.Detail.ShouldBe(expected);
    }

    [Fact]
    public void Says_which_of_the_sources_it_was()
    {
        ProblemOf(Request(("X-Tenant", new string('x', 201)))).Detail.ShouldBe($"The header X-Tenant is '{new string('x', 100)}...'. Accepted is one name of 1 to 200 characters.");
        var repeated = Request();
        repeated.Request.Headers["X-Tenant"] = new[] { "a", "b" };
        ProblemOf(repeated).Detail.ShouldBe("The header X-Tenant is 'a,b'. Accepted is one name of 1 to 200 characters.");
        var query = Request();
        query.Request.QueryString = new QueryString("?key=a&key=b");
        ProblemOf(query).Reason.ShouldBe("invalid-query");
        var claim = Request();
        claim.User = new ClaimsPrincipal(new ClaimsIdentity([new Claim("tier", "gold")], "test"));
        ProblemOf(claim).Reason.ShouldBe("invalid-claim");
        Take(Everything(), Request(("X-Tenant", new string('x', 200)))).Tenant!.Length.ShouldBe(200);
    }

    [Fact]
    public void Allocates_nothing_but_the_texts_of_its_sources()
    {
        var plain = TestRoute.Of("""{ "Limit": 8 }""", new() { ["Admission.Weight"] = "2" });
        var rules = TestRoute.Of(
            """{ "Limit": 8, "Classify": { "Tenant": "Header:X-Tenant", "Priority": "Header:X-Priority", "Weight": [ "Header:X-Weight", "Estimate" ], "Estimate": { "Reference": "1s", "PathSegments": 2 } } }""");
        var context = Request(("X-Tenant", "acme"), ("X-Priority", "background"));
        context.Request.Path = "/export/reports/7";
        foreach (var route in new[] { plain, rules })
        {
            Repeat(route, context);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Repeat(route, context);
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
        }

        static void Repeat(RouteClassifier route, HttpContext context)
        {
            for (var i = 0; i < 100; i++)
            {
                route.Take(context, out _, out _);
            }
        }
    }

    private static RouteClassifier Everything() => TestRoute.Of(
        """
        { "Limit": 8, "StopsWhenAbandoned": true, "Classify": {
          "Tenant": [ "Header:X-Tenant", "Query:key" ], "Priority": [ "Header:X-Priority", "Claim:tier" ], "Weight": "Header:X-Weight", "RunTimeout": "Header:X-Request-Timeout" } }
        """);

    private static Problem ProblemOf(HttpContext context)
    {
        Everything().Take(context, out _, out var problem);
        return problem.ShouldNotBeNull();
    }

    private static AdmissionRequest Take(RouteClassifier route, HttpContext context)
    {
        var request = route.Take(context, out _, out var problem);
        problem.ShouldBeNull();
        return request;
    }

    private static DefaultHttpContext Request(params (string Name, string Value)[] headers)
    {
        var context = new DefaultHttpContext();
        foreach (var (name, value) in headers)
        {
            context.Request.Headers[name] = value;
        }

        return context;
    }
}
