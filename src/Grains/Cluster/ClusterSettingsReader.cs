using System.Data.Common;
using System.Net;
using Admission.Grains.Configuration;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Admission.Grains.Cluster;

/// <summary>Reads the section <c>Cluster</c>, which silos and frontends have in common, and reports every mistake at once.</summary>
internal static class ClusterSettingsReader
{
    /// <summary>The section's name.</summary>
    public const string SectionName = "Cluster";

    /// <summary>The key that makes a cluster.</summary>
    public const string ConnectionStringKey = $"{SectionName}:ConnectionString";

    private const string Example = "Host=db.example;Username=admission;Password=...;Database=admission";
    private const int LongestName = 150;
    private const int ShortestSecret = 16;
    private const int LargestPort = 65_535;

    private static readonly TimeSpan TenMinutes = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan FiveMinutes = TimeSpan.FromMinutes(5);

    // What a command may take: someone who waits longer for the database has lost more than a command. And no Kerberos unless somebody asks for it: Npgsql would try it at each connection, and
    // an image without its library (ours has none) then fills the log, and connections may hang (npgsql/npgsql#6416, #6524).
    private static readonly (string Key, object Value)[] Ours = [("Timeout", 5), ("Command Timeout", 10), ("Keepalive", 10), ("GSS Encryption Mode", nameof(GssEncryptionMode.Disable))];

    /// <summary>Reads the settings.</summary>
    /// <param name="configuration">The whole configuration.</param>
    /// <param name="errors">Takes the mistakes; the settings mean something only when none was added.</param>
    /// <returns>Null where no cluster is wanted.</returns>
    public static ClusterSettings? Read(IConfiguration configuration, List<string> errors)
    {
        var section = configuration.GetSection(SectionName);
        if (!section.Exists())
        {
            return null;
        }

        var reader = new SectionReader(section, errors);
        var text = reader.Text("ConnectionString");
        if (string.IsNullOrWhiteSpace(text))
        {
            reader.Error("ConnectionString", $"missing, while other settings of the cluster are there. Give one such as {Example}.");
        }

        var defaults = new ClusterSettings { ConnectionString = "" };
        var advertised = Address(reader, "AdvertisedAddress") ?? defaults.AdvertisedAddress;
        if (IsAny(advertised))
        {
            reader.Error("AdvertisedAddress", $"{advertised} is no address that others can reach. Give one such as 10.0.0.5; ListenAddress may be {advertised}.");
        }

        var settings = defaults with
        {
            ConnectionString = Database(reader, text),
            ClusterId = Name(reader, "ClusterId") ?? defaults.ClusterId,
            ServiceId = Name(reader, "ServiceId") ?? defaults.ServiceId,
            Secret = Secret(reader, "Secret"),
            OtherSecret = Secret(reader, "OtherSecret"),
            AdvertisedAddress = advertised,
            ListenAddress = Address(reader, "ListenAddress") ?? advertised,
            SiloPort = Port(reader, "SiloPort"),
            GatewayPort = Port(reader, "GatewayPort"),
            SiloListenPort = Port(reader, "SiloListenPort"),
            GatewayListenPort = Port(reader, "GatewayListenPort"),
            ProbeTimeout = reader.Duration("ProbeTimeout", defaults.ProbeTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
            MissedProbes = reader.Count("MissedProbes", defaults.MissedProbes, 2, 100),
            TableRefresh = reader.Duration("TableRefresh", defaults.TableRefresh, TimeSpan.FromMilliseconds(500), TenMinutes),
            IAmAlive = reader.Duration("IAmAlive", defaults.IAmAlive, TimeSpan.FromMilliseconds(500), TenMinutes),
            AuthorityTtl = reader.Duration("AuthorityTtl", defaults.AuthorityTtl, TimeSpan.FromSeconds(1), FiveMinutes),
            OrleansDashboard = reader.Switch("OrleansDashboard") ?? false,
            AuthorityRenewal = reader.Duration("AuthorityRenewal", defaults.AuthorityRenewal, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1)),
        };
        CheckPorts(reader, settings);
        ClusterTimes.Check(settings, reader.Error);
        reader.RefuseTheRest();
        return settings;
    }

    private static void CheckPorts(SectionReader reader, ClusterSettings settings)
    {
        var listen = (Silo: settings.SiloListenPort ?? settings.SiloPort, Gateway: settings.GatewayListenPort ?? settings.GatewayPort);
        if (listen.Silo is { } port && port == listen.Gateway)
        {
            reader.Error("GatewayPort", $"{port} is the silo port too. Give each its own.");
        }

        if (settings is { SiloListenPort: not null, SiloPort: null })
        {
            reader.Error("SiloListenPort", "needs SiloPort: say at which port others reach it.");
        }

        if (settings is { GatewayListenPort: not null, GatewayPort: null })
        {
            reader.Error("GatewayListenPort", "needs GatewayPort: say at which port others reach it.");
        }
    }

    // The value is not quoted: a password may be in it.
    private static string Database(SectionReader reader, string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return "";
        }

        try
        {
            var given = new DbConnectionStringBuilder { ConnectionString = text };
            foreach (var (key, value) in Ours.Where(each => !given.ContainsKey(each.Key) && !given.ContainsKey(each.Key.Replace(" ", "", StringComparison.Ordinal))))
            {
                given[key] = value;
            }

            var parsed = new NpgsqlConnectionStringBuilder(given.ConnectionString);
            if (string.IsNullOrEmpty(parsed.Host))
            {
                reader.Error("ConnectionString", $"Host is missing. Write one such as {Example}.");
            }

            return parsed.ConnectionString;
        }
        catch (Exception wrong) when (wrong is ArgumentException or FormatException or InvalidCastException)
        {
            reader.Error("ConnectionString", $"not understood: {wrong.Message.TrimEnd('.')}. Write one such as {Example}.");
            return "";
        }
    }

    private static string? Name(SectionReader reader, string key)
    {
        var name = reader.Text(key)?.Trim();
        if (name is not null && name.Length is 0 or > LongestName)
        {
            reader.Error(key, $"a name of {name.Length} characters is not possible. Give 1 to {LongestName}.");
        }

        return name;
    }

    private static string? Secret(SectionReader reader, string key)
    {
        var secret = reader.Text(key);
        if (secret is not null && secret.Length < ShortestSecret)
        {
            reader.Error(key, $"{secret.Length} characters are too few. Give at least {ShortestSecret}, such as the output of: openssl rand -base64 32");
        }

        return secret;
    }

    private static IPAddress? Address(SectionReader reader, string key)
    {
        if (reader.Text(key) is not { } text)
        {
            return null;
        }

        if (IPAddress.TryParse(text.Trim(), out var address))
        {
            return address;
        }

        reader.Error(key, $"'{text}' is not an IP address. Give one such as 10.0.0.5.");
        return IPAddress.Loopback;
    }

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static int? Port(SectionReader reader, string key) => reader.Has(key) ? reader.Count(key, 1, 1, LargestPort) : null;
}
