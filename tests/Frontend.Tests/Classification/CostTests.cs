using Admission.Frontend.Classification;
using Admission.Frontend.Tests.Support;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests.Classification;

/// <summary>The numbers of docs/algorithms.md, "Weight from cost", and what the table promises.</summary>
public sealed class CostTests
{
    private static readonly TimeSpan Reference = TimeSpan.FromMilliseconds(100);

    [Theory]
    [InlineData(40, 1)]
    [InlineData(149, 1)]
    [InlineData(150, 2)]
    [InlineData(250, 3)]
    [InlineData(1_840, 18)]
    public void The_weight_is_the_mean_time_over_the_reference_rounded(int milliseconds, int weight) => After(milliseconds, 8).Weight.ShouldBe(weight);

    [Fact]
    public void Seven_samples_are_too_few()
    {
        After(250, 7).Weight.ShouldBeNull();
        After(250, 8).Weight.ShouldBe(3);
    }

    [Theory]
    [InlineData(1, 175, 1)]
    [InlineData(1, 176, 2)]
    [InlineData(2, 275, 2)]
    [InlineData(2, 276, 3)]
    [InlineData(3, 225, 3)]
    [InlineData(3, 224, 2)]
    [InlineData(3, 375, 3)]
    [InlineData(3, 376, 4)]
    [InlineData(2, 125, 2)]
    [InlineData(2, 124, 1)]
    [InlineData(8, 1_000, 8)]
    [InlineData(8, 1_001, 10)]
    [InlineData(8, 600, 8)]
    [InlineData(8, 599, 6)]
    public void A_weight_stays_until_the_quotient_is_clearly_another(int weight, int mean, int expected)
    {
        var cost = After(weight * 100, 32);
        cost.Weight.ShouldBe(weight);

        // One sample that moves the mean of 32 to where it is wanted.
        cost.Add(TimeSpan.FromMilliseconds((32 * mean) - (31 * weight * 100)), Reference);
        cost.Mean.TotalMilliseconds.ShouldBe(mean, 0.001);
        cost.Weight.ShouldBe(expected);
    }

    [Fact]
    public void A_thirty_second_of_the_mean_is_the_newest_sample()
    {
        var cost = After(100, 40);
        cost.Add(TimeSpan.FromMilliseconds(420), Reference);
        cost.Mean.ShouldBe(TimeSpan.FromMilliseconds(110));
    }

    [Fact]
    public void A_quotient_that_swings_round_a_half_does_not_flap()
    {
        var cost = After(150, 8);
        cost.Weight.ShouldBe(2);
        for (var i = 0; i < 1_000; i++)
        {
            cost.Add(TimeSpan.FromMilliseconds(i % 2 == 0 ? 100 : 200), Reference);
            cost.Weight.ShouldBe(2);
        }
    }

    [Fact]
    public void The_table_is_bounded()
    {
        var table = new CostTable(Reference);
        for (var kind = 0; kind < 3_000; kind++)
        {
            Fill(table, $"known {kind}", 8);
        }

        for (var kind = 0; kind < 3_000; kind++)
        {
            Fill(table, $"new {kind}", 1);
        }

        table.Count.ShouldBe(1_000);
        table.Weight("known 2199").ShouldBeNull();
        table.Weight("known 2200").ShouldBe(3);
        table.Weight("known 2999").ShouldBe(3);
    }

    [Fact]
    public void Paths_that_come_once_push_out_none_that_is_known()
    {
        var table = new CostTable(Reference);
        Fill(table, "export", 8);
        for (var kind = 0; kind < 100_000; kind++)
        {
            Fill(table, $"made up {kind}", 1);
        }

        table.Weight("export").ShouldBe(3);
        table.Count.ShouldBe(201);
    }

    [Fact]
    public void The_kind_used_longest_ago_is_forgotten_first()
    {
        var table = new CostTable(Reference);
        for (var kind = 0; kind < 800; kind++)
        {
            Fill(table, $"{kind}", 8);
        }

        table.Weight("0").ShouldBe(3);
        Fill(table, "another", 8);
        table.Weight("0").ShouldBe(3);
        table.Weight("1").ShouldBeNull();
    }

    [Theory]
    [InlineData(0, "/export/reports/7", "all")]
    [InlineData(1, "/export/reports/7", "all /export")]
    [InlineData(2, "/export/reports/7", "all /export/reports")]
    [InlineData(8, "/export/reports/7", "all /export/reports/7")]
    [InlineData(1, "/", "all /")]
    [InlineData(2, "/export/", "all /export/")]
    [InlineData(1, "", "all ")]
    public void A_kind_is_a_route_and_the_beginning_of_its_path(int segments, string path, string kind)
    {
        var buffer = new char[CostKind.LengthFor("all")];
        CostKind.Write(buffer, "all", path, segments).ToString().ShouldBe(kind);
        CostKind.Write(buffer, "all", path + new string('x', 1_000), 8).Length.ShouldBeLessThanOrEqualTo(buffer.Length);
    }

    [Theory]
    [InlineData(16, 10, 5)]
    [InlineData(16, 4, 4)]
    [InlineData(4, 10, 4)]
    [InlineData(3, 10, 3)]
    [InlineData(0, 10, 1)]
    public void An_estimate_is_at_most_the_largest_weight_and_the_largest_limit(int limit, int most, int expected)
    {
        var route = TestRoute.Of(
            $$"""{ "Limit": {{limit}}, "Classify": { "Weight": [ "Header:X-Weight", "Estimate" ], "Estimate": { "Reference": "100ms", "MaxWeight": {{most}}, "PathSegments": 1 } } }""",
            new() { ["Admission.Weight"] = "2" });
        var export = new DefaultHttpContext { Request = { Path = "/export/7" } };
        route.Take(export, out _, out _).Weight.ShouldBe(2, "Nothing is known yet, so the route's holds.");
        for (var i = 0; i < 8; i++)
        {
            route.Measured(export, TimeSpan.FromMilliseconds(500));
        }

        route.Take(export, out _, out _).Weight.ShouldBe(expected);
        route.Take(new DefaultHttpContext { Request = { Path = "/ping" } }, out _, out _).Weight.ShouldBe(2);
        export.Request.Headers["X-Weight"] = "1";
        route.Take(export, out _, out _).Weight.ShouldBe(1);
    }

    [Fact]
    public void What_has_been_measured_outlives_a_change_of_other_settings()
    {
        var (settings, _) = TestRoute.Read("""{ "Limit": 8, "Classify": { "Weight": "Estimate", "Estimate": { "Reference": "100ms" } } }""");
        var classifier = new BackendClassifier(settings);
        var context = new DefaultHttpContext();
        for (var i = 0; i < 8; i++)
        {
            classifier.For(TestRoute.Route()).Measured(context, TimeSpan.FromMilliseconds(300));
        }

        var less = settings.Classify with { Estimate = settings.Classify.Estimate! with { MaxWeight = 2 } };
        classifier.With(settings with { Classify = less }).For(TestRoute.Route()).Take(context, out _, out _).Weight.ShouldBe(2);
        var other = settings.Classify with { Estimate = settings.Classify.Estimate! with { Reference = TimeSpan.FromSeconds(1) } };
        classifier.With(settings with { Classify = other }).For(TestRoute.Route()).Take(context, out _, out _).Weight.ShouldBe(1);
    }

    private static CostEstimate After(int milliseconds, int samples)
    {
        var cost = new CostEstimate();
        for (var i = 0; i < samples; i++)
        {
            cost.Add(TimeSpan.FromMilliseconds(milliseconds), Reference);
        }

        return cost;
    }

    private static void Fill(CostTable table, string kind, int samples)
    {
        for (var i = 0; i < samples; i++)
        {
            table.Add(kind, TimeSpan.FromMilliseconds(250));
        }
    }
}
