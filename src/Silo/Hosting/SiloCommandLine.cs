using Admission.Grains.Cluster;
using Admission.Grains.Hosting;
using Admission.Silo.Schema;

namespace Admission.Silo.Hosting;

/// <summary>The silo's options.</summary>
internal static class SiloCommandLine
{
    private const string Section = ClusterSettingsReader.SectionName;

    /// <summary>The options.</summary>
    public static IReadOnlyList<CommandOption> Options { get; } =
    [
        new("--cluster", ClusterSettingsReader.ConnectionStringKey, "DATABASE", "The PostgreSQL database that the cluster shares. Required."),
        new("--address", $"{Section}:AdvertisedAddress", "IP", "Where others reach this silo. Default 127.0.0.1: only from this machine."),
        new("--silo-port", $"{Section}:SiloPort", "PORT", "Where other silos reach it. Default 11111, or a free one."),
        new("--gateway-port", $"{Section}:GatewayPort", "PORT", "Where frontends reach it. Default 30000, or a free one."),
        new("--urls", CommandOption.UrlsKey, "URLS", "Where it answers about its health. Default http://127.0.0.1:8081, or a free port."),
    ];

    /// <summary>What <c>--help</c> prints.</summary>
    public static string Help =>
        $"""
        A silo of an Admission cluster. Silos share the limits of all backends among them; frontends ask them. Start as many as you like, in any order.

          dotnet run --project src/Silo -- --cluster "Host=db.example;Username=admission;Password=...;Database=admission"
          dotnet run --project src/Frontend -- --cluster "..." --to http://127.0.0.1:8000 --limit 8

        On a single machine no cluster is needed: dotnet run --project src/Frontend has a silo in it.

        Options:
        {CommandArguments.Describe(Options)}
          {SchemaCommand.Option,-24}Only sets the database's tables up, or brings them up to date, and ends. With =10m it waits so long for a database that is not there yet.

        Every setting can be given as --Section:Key VALUE or as an environment variable Section__Key. docs/configuration.md has them all.
        """;

    /// <summary>What is said when no database is given.</summary>
    public const string NoCluster =
        $"{ClusterSettingsReader.ConnectionStringKey}: missing. A silo needs the PostgreSQL database of its cluster: "
        + "--cluster \"Host=db.example;Username=admission;Password=...;Database=admission\", or the environment variable Cluster__ConnectionString. "
        + "For a single machine nothing of this is needed: dotnet run --project src/Frontend";
}
