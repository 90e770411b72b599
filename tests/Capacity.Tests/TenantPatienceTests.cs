using Xunit.Abstractions;

namespace Admission.Capacity.Tests;

/// <summary>Patience that is learned for a tenant: the numbers of docs/algorithms.md.</summary>
public class TenantPatienceTests(ITestOutputHelper output)
{
    private static readonly BackendPolicy Policy = new()
    {
        Limit = 8, Overflow = Overflow.Wait, QueueCapacity = 1_000, MaxWait = TimeSpan.FromSeconds(30),
    };

    [Fact]
    public void A_patient_tenant_keeps_its_queue_beside_one_whose_clients_leave()
    {
        var apart = Run(drawn => drawn < 0.5 ? "hasty" : "patient");
        var together = Run(_ => null);
        output.WriteLine($"apart: {apart.PatientRefused} patient ones refused, {apart.HastyInTime} hasty ones in time; {apart}");
        output.WriteLine($"together: {together.PatientRefused} patient ones refused, {together.HastyInTime} hasty ones in time; {together}");
        apart.PatientRefused.ShouldBeLessThan(together.PatientRefused / 10);
        apart.InTimeRate.ShouldBeGreaterThan(1.3 * together.InTimeRate);
        apart.HastyInTime.ShouldBeGreaterThan((int)(0.95 * together.HastyInTime));
        apart.Waste.ShouldBeLessThan(0.05);
    }

    [Fact]
    public void A_bucket_counts_for_a_tenant_once_32_of_its_clients_were_present()
    {
        var (time, all, tenants) = Learned();
        tenants.LongestWaitOf("new").ShouldBe(all.LongestWait, "nothing is known of it");

        tenants.Add("patient", null, Totals(new ClientBucket(PatienceBuckets.Of(300), 0, 31, 0)));
        tenants.LongestWaitOf("patient").ShouldBe(all.LongestWait, "31 were seen to stay for 300 ms");
        tenants.Add("patient", Totals(new ClientBucket(PatienceBuckets.Of(300), 0, 31, 0)), Totals(new ClientBucket(PatienceBuckets.Of(300), 0, 32, 0)));
        tenants.LongestWaitOf("patient").ShouldBeNull("32 were: nobody left sooner, and nobody of the others later");

        tenants.Add("hasty", null, Totals(new ClientBucket(PatienceBuckets.Of(100), 40, 0, 0)));
        tenants.LongestWaitOf("hasty")!.Value.TotalMilliseconds.ShouldBeInRange(20, 60, "who leaves after 100 ms, of which 50 are work");
        tenants.IsTooLate("hasty", OpenLoad.Ms(100)).ShouldBeTrue();
        tenants.IsTooLate("patient", OpenLoad.Ms(100)).ShouldBeFalse();
        tenants.LongestOfAll.ShouldBeNull();
        time.Advance(TimeSpan.FromMinutes(1));
        tenants.LongestWaitOf("patient").ShouldBe(all.LongestWait, "what it has shown has faded");
    }

    [Fact]
    public void At_most_32_tenants_are_known_and_who_is_seen_most_stays()
    {
        var (_, _, tenants) = Learned();
        for (var i = 0; i < 50; i++)
        {
            tenants.Add("busy", null, Totals(new ClientBucket(40, 0, 1, 0)));
        }

        for (var i = 0; i < 1_000; i++)
        {
            tenants.Add($"stranger{i}", null, Totals(new ClientBucket(40, 0, 1, 0)));
        }

        tenants.Describe().Length.ShouldBe(32);
        tenants.Describe().ShouldContain(tenant => tenant.Tenant == "busy");
    }

    [Fact]
    public void A_pool_reports_the_32_busiest_tenants_and_a_new_ledger_is_told_again()
    {
        var cluster = new MiniCluster(Policy with { Limit = 1 });
        var running = cluster.Acquire("a");
        for (var i = 0; i < 1_000; i++)
        {
            var waiter = cluster.Wait("b", new AdmissionRequest { Tenant = i % 3 == 0 ? $"stranger{i}" : "hasty" });
            cluster.Time.Advance(OpenLoad.Ms(5));
            cluster.GiveUp("b", waiter);
        }

        cluster.Release("a", running);
        cluster.Advance(TimeSpan.FromSeconds(5));
        var known = cluster.Ledger.Describe().TenantPatience.ShouldHaveSingleItem();
        (known.Tenant, known.Seen > 32, known.Left > 32).ShouldBe(("hasty", true, true));
        cluster.HandOver();
        cluster.Advance(TimeSpan.FromSeconds(5));
        cluster.Ledger.Describe().TenantPatience.ShouldHaveSingleItem().Tenant.ShouldBe("hasty");
    }

    [Fact]
    public void A_report_of_tenants_that_no_pool_makes_is_refused()
    {
        var ledger = new DirectLedger(Policy);
        ledger.Report(held: 0);
        foreach (var (tenant, count, bucket) in new[] { ("", 1L, 1), ("a", 0L, 1), ("a", 1L, 176), (new string('a', 201), 1L, 1) })
        {
            var clients = new TenantClients(tenant, count, Totals(new ClientBucket(bucket, 1, 0, 0)));
            Should.Throw<ArgumentException>(() => ledger.Deliver(ledger.LastReport with { Sequence = 2, TenantClients = [clients] }));
        }
    }

    /// <summary>A backend whose answers take 50 ms, and of whose clients a hundred left after 200 ms.</summary>
    private static (ManualTime Time, ClientPatience All, PatienceOfTenants Tenants) Learned()
    {
        var time = new ManualTime();
        var all = new ClientPatience(time);
        all.Add(null, Totals(new ClientBucket(PatienceBuckets.Of(50), 0, 70, 70), new ClientBucket(PatienceBuckets.Of(200), 256, 0, 0)));
        all.LongestWait.ShouldNotBeNull();
        return (time, all, new PatienceOfTenants(time, all));
    }

    private static ClientTotals Totals(params ClientBucket[] buckets) => new() { Buckets = buckets };

    /// <summary>In bursts, over which a queue of more than 200 ms helps: 480/s for 2 s, then 40/s. Half of the clients leave after 200 ms.</summary>
    private static OpenLoad.Second Run(Func<double, string?> tenant)
    {
        var load = new OpenLoad(Policy)
        {
            Rate = second => second % 10 < 2 ? 480 : 40,
            Service = _ => OpenLoad.Ms(50),
            Patience = (_, drawn) => drawn < 0.5 ? OpenLoad.Ms(200) : null,
            Tenant = tenant,
        };
        load.Run(40);
        return load.Between(0, 40);
    }
}
