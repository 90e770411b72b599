using System.Net;
using Admission.Frontend.Classification;
using Admission.Frontend.Tests.Support;
using Admission.Security.Callers;
using FsCheck;
using FsCheck.Fluent;
using Microsoft.AspNetCore.Http;

namespace Admission.Frontend.Tests.Classification;

/// <summary>Properties over random requests. A failure prints the smallest case that FsCheck finds, and its seed.</summary>
public sealed class ClassificationPropertyTests
{
    [Fact]
    public void A_weight_is_never_far_from_what_was_measured()
    {
        Prop.ForAll(Gen.Choose(0, 5_000).ListOf().ToArbitrary(), times =>
        {
            var cost = new CostEstimate();
            foreach (var milliseconds in times)
            {
                cost.Add(TimeSpan.FromMilliseconds(milliseconds), TimeSpan.FromMilliseconds(100));
                if (cost.Weight is { } weight)
                {
                    weight.ShouldBeGreaterThanOrEqualTo(1);
                    var quotient = Math.Max(1, cost.Mean.TotalMilliseconds / 100);
                    Math.Abs(quotient - weight).ShouldBeLessThanOrEqualTo(Math.Max(0.75, weight / 4.0) + 0.001);
                }
            }

            (cost.Weight is null).ShouldBe(times.Count() < CostEstimate.FewestSamples);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void The_table_is_bounded_whatever_is_asked()
    {
        // Kinds with a small number come often, so that some are known and others are not.
        var kinds = Gen.Choose(0, 40).SelectMany(spread => Gen.Choose(0, 50 * spread)).ListOf(4_000);
        Prop.ForAll(kinds.ToArbitrary(), requests =>
        {
            var table = new CostTable(TimeSpan.FromMilliseconds(100));
            foreach (var kind in requests)
            {
                var before = table.Weight($"{kind}");
                table.Add($"{kind}", TimeSpan.FromMilliseconds(250));
                table.Count.ShouldBeLessThanOrEqualTo(CostTable.MostKnown + CostTable.MostNew);
                if (before is not null)
                {
                    table.Weight($"{kind}").ShouldBe(before, "Nobody else was measured in between.");
                }
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20));
    }

    [Fact]
    public void Two_addresses_have_one_name_if_and_only_if_they_share_their_first_half()
    {
        var halves = Gen.Choose(0, 3).ListOf(8);
        Prop.ForAll(Gen.Zip(halves, halves).ToArbitrary(), pair =>
        {
            var (one, other) = (Address(pair.Item1), Address(pair.Item2));
            var same = one.GetAddressBytes().AsSpan(0, 8).SequenceEqual(other.GetAddressBytes().AsSpan(0, 8));
            (ClientAddress.Name(one) == ClientAddress.Name(other)).ShouldBe(same);
            var name = ClientAddress.Name(one)!;
            IPAddress.Parse(name[..name.IndexOf('/', StringComparison.Ordinal)]).GetAddressBytes().AsSpan(0, 8).SequenceEqual(one.GetAddressBytes().AsSpan(0, 8)).ShouldBeTrue();
        }).QuickCheckThrowOnFailure();

        static IPAddress Address(IEnumerable<int> groups)
        {
            // The first group is never zero, so that none of them is an IPv4 address in disguise.
            var texts = groups.Select((group, index) => $"{(index == 0 ? 0x2000 + group : group):x}");
            return IPAddress.Parse(string.Join(':', texts));
        }
    }

    [Fact]
    public void Whatever_a_client_says_it_waits_and_runs_no_longer_than_the_policy_lets_it_and_asks_nothing_impossible()
    {
        var route = TestRoute.Of(
            """
            { "Limit": 8, "Overflow": "Wait", "StopsWhenAbandoned": true, "Classify": {
              "Tenant": "Header:X-Tenant, Query:key", "Priority": "Header:X-Priority", "Weight": "Header:X-Weight", "RunTimeout": "Header:X-Request-Timeout" } }
            """,
            new() { ["Admission.MaxWait"] = "5s" });
        var texts = Gen.OneOf(
            Gen.Choose(-10, 100_000_000).Select(number => $"{number}"), Gen.Elements("", " ", "critical", "1e3", "٣", "a,b", "\u0001", new string('9', 300)));
        Prop.ForAll(Gen.Choose(0, 5).Zip(texts).ListOf(4).ToArbitrary(), headers =>
        {
            string[] names = ["X-Tenant", "X-Priority", "X-Weight", "X-Request-Timeout", "X-Request-Deadline", "X-Admission-Weight"];
            var context = new DefaultHttpContext();
            foreach (var (name, text) in headers)
            {
                context.Request.Headers.Append(names[name], text);
            }

            var request = route.Take(context, out var runTimeout, out var problem);
            runTimeout.ShouldBeGreaterThan(TimeSpan.Zero);
            runTimeout.ShouldBeLessThanOrEqualTo(TimeSpan.FromMinutes(1));
            request.MaxWait!.Value.ShouldBeInRange(TimeSpan.Zero, TimeSpan.FromSeconds(5));
            request.Weight.ShouldBeInRange(1, 1_000_000);
            request.Priority.ShouldBeInRange(0, 99);
            if (problem is null)
            {
                (request.Tenant is null || TenantName.IsPossible(request.Tenant)).ShouldBeTrue();
            }
        }).QuickCheckThrowOnFailure();
    }
}
