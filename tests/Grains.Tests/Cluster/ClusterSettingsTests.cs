using System.Net;
using System.Text;
using Admission.Grains.Cluster;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Admission.Grains.Tests.Cluster;

public class ClusterSettingsTests
{
    private const string Database = "\"ConnectionString\": \"Host=db;Username=me;Password=hidden;Database=limits\"";

    [Fact]
    public void Without_the_section_no_cluster_is_wanted()
    {
        var errors = new List<string>();
        ClusterSettingsReader.Read(new ConfigurationBuilder().Build(), errors).ShouldBeNull();
        errors.ShouldBeEmpty();
    }

    [Fact]
    public void A_connection_string_is_enough()
    {
        var (settings, errors) = Read(Database);
        errors.ShouldBeEmpty();
        settings!.ClusterId.ShouldBe("admission");
        settings.ServiceId.ShouldBe("admission");
        settings.AdvertisedAddress.ShouldBe(IPAddress.Loopback);
        settings.ListenAddress.ShouldBe(IPAddress.Loopback);
        settings.SiloPort.ShouldBeNull();
        settings.ProbeTimeout.ShouldBe(TimeSpan.FromSeconds(1));
        settings.AuthorityTtl.ShouldBe(TimeSpan.FromSeconds(45));
        var database = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        database.Database.ShouldBe("limits");
        database.Timeout.ShouldBe(5);
        database.CommandTimeout.ShouldBe(10);
        database.GssEncryptionMode.ShouldBe(GssEncryptionMode.Disable, "An image without Kerberos' library would be tried with it at every connection.");
    }

    [Fact]
    public void A_time_counts_in_either_spelling()
    {
        var (settings, _) = Read(Database.Replace("hidden", "hidden;CommandTimeout=60", StringComparison.Ordinal));
        new NpgsqlConnectionStringBuilder(settings!.ConnectionString).CommandTimeout.ShouldBe(60);
    }

    [Theory]
    [InlineData("GSS Encryption Mode=Require")]
    [InlineData("GssEncryptionMode=Require")]
    public void Whoever_wants_Kerberos_says_so(string wanted)
    {
        var (settings, errors) = Read(Database.Replace("hidden", $"hidden;{wanted}", StringComparison.Ordinal));
        errors.ShouldBeEmpty();
        new NpgsqlConnectionStringBuilder(settings!.ConnectionString).GssEncryptionMode.ShouldBe(GssEncryptionMode.Require);
    }

    [Fact]
    public void Every_setting_is_heard()
    {
        var (settings, errors) = Read(
            $$"""
            {{Database.Replace("hidden", "hidden;Timeout=3", StringComparison.Ordinal)}}, "ClusterId": "blue", "ServiceId": "limits", "Secret": "0123456789abcdef", "OtherSecret": "fedcba9876543210",
            "AdvertisedAddress": "10.1.2.3", "ListenAddress": "0.0.0.0", "SiloPort": 21111, "GatewayPort": 23000, "SiloListenPort": 11111, "GatewayListenPort": 30000,
            "ProbeTimeout": "500ms", "MissedProbes": 4, "TableRefresh": "2s", "IAmAlive": "3s", "AuthorityTtl": "30s", "AuthorityRenewal": "4s"
            """);
        errors.ShouldBeEmpty();
        settings.ShouldBe(new ClusterSettings
        {
            ConnectionString = settings!.ConnectionString,
            ClusterId = "blue", ServiceId = "limits", Secret = "0123456789abcdef", OtherSecret = "fedcba9876543210",
            AdvertisedAddress = IPAddress.Parse("10.1.2.3"), ListenAddress = IPAddress.Any,
            SiloPort = 21111, GatewayPort = 23000, SiloListenPort = 11111, GatewayListenPort = 30000,
            ProbeTimeout = TimeSpan.FromMilliseconds(500), MissedProbes = 4, TableRefresh = TimeSpan.FromSeconds(2), IAmAlive = TimeSpan.FromSeconds(3),
            AuthorityTtl = TimeSpan.FromSeconds(30), AuthorityRenewal = TimeSpan.FromSeconds(4),
        });
        new NpgsqlConnectionStringBuilder(settings.ConnectionString).Timeout.ShouldBe(3);
    }

    [Theory]
    [InlineData("\"ClusterId\": \"a\"", "ConnectionString: missing, while other settings of the cluster are there.*")]
    [InlineData("\"ConnectionString\": \"Hst=db\"", "ConnectionString: not understood: *")]
    [InlineData("\"ConnectionString\": \"Database=limits\"", "ConnectionString: Host is missing.*")]
    [InlineData("\"Clusterid2\": \"a\"", "Clusterid2: there is no such setting. Did you mean 'ClusterId'?*")]
    [InlineData("\"ClusterId\": \"\"", "ClusterId: a name of 0 characters is not possible. Give 1 to 150.")]
    [InlineData("\"Secret\": \"short\"", "Secret: 5 characters are too few. Give at least 16,*")]
    [InlineData("\"AdvertisedAddress\": \"silo.example\"", "AdvertisedAddress: 'silo.example' is not an IP address. Give one such as 10.0.0.5.")]
    [InlineData("\"AdvertisedAddress\": \"0.0.0.0\"", "AdvertisedAddress: 0.0.0.0 is no address that others can reach.*")]
    [InlineData("\"SiloPort\": 0", "SiloPort: 0 is not possible. Give a whole number from 1 to 65535.")]
    [InlineData("\"SiloPort\": 5, \"GatewayPort\": 5", "GatewayPort: 5 is the silo port too. Give each its own.")]
    [InlineData("\"SiloListenPort\": 5", "SiloListenPort: needs SiloPort: say at which port others reach it.")]
    [InlineData("\"GatewayListenPort\": 5", "GatewayListenPort: needs GatewayPort: say at which port others reach it.")]
    [InlineData("\"ProbeTimeout\": \"2\"", "ProbeTimeout: '2' is not understood. Write a duration such as 500ms, 2s, 1m, 1h or 00:00:02.")]
    [InlineData("\"ProbeTimeout\": \"1ms\"", "ProbeTimeout: 00:00:00.0010000 is not possible. Give a duration from 00:00:00.1000000 to 00:01:00.")]
    [InlineData("\"MissedProbes\": 1", "MissedProbes: 1 is not possible. Give a whole number from 2 to 100.")]
    [InlineData("\"AuthorityRenewal\": \"20s\"", "AuthorityTtl: 00:00:45 is less than three times AuthorityRenewal, 00:01:00: a lost renewal would stop all grants.*")]
    [InlineData("\"MissedProbes\": 50", "AuthorityTtl: 00:00:45 is less than ProbeTimeout times MissedProbes and one AuthorityRenewal, 00:00:55:*")]
    [InlineData("\"ProbeTimeout\": \"6s\"", "IAmAlive: 00:00:05 is less than ProbeTimeout, 00:00:06.*")]
    public void Names_the_mistake_and_the_remedy(string wrong, string expected)
    {
        var (_, errors) = Read(wrong.Contains("ConnectionString", StringComparison.Ordinal) || expected.StartsWith("ConnectionString", StringComparison.Ordinal)
            ? wrong : $"{Database}, {wrong}");
        var full = $"Cluster:{expected}";
        errors.ShouldHaveSingleItem().ShouldStartWith(full.TrimEnd('*'));
        errors[0].ShouldNotContain("hidden");
    }

    [Theory]
    [InlineData(4, true)]
    [InlineData(3.9, false)]
    public void A_lease_must_outlast_a_lost_call(double seconds, bool fits) => (ClusterTimes.CheckLease(TimeSpan.FromSeconds(seconds)) is null).ShouldBe(fits);

    [Fact]
    public void The_shortest_lease_is_what_its_reason_says()
    {
        // A report each third of the time-to-live; one call that is lost, a pause of 50 ms, and a fast answer must end before 90 % of it.
        var ttl = ClusterTimes.LeastLeaseTtl;
        ((ttl / 3) + ClusterTimes.Call + TimeSpan.FromMilliseconds(50)).ShouldBeLessThan(ttl * 0.9);
    }

    private static (ClusterSettings? Settings, List<string> Errors) Read(string json)
    {
        var configuration = new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "Cluster": { {{json}} } }"""))).Build();
        var errors = new List<string>();
        return (ClusterSettingsReader.Read(configuration, errors), errors);
    }
}
