using Admission.Grains.Cluster;
using Admission.Grains.Configuration;
using Admission.Grains.Hosting;
using Npgsql;

namespace Admission.Silo.Schema;

/// <summary>
/// <c>--apply-schema</c>: brings the database's schema to what this silo knows, and ends. For an init step whose user has more rights than the silos'.
/// </summary>
internal static class SchemaCommand
{
    /// <summary>The option.</summary>
    public const string Option = "--apply-schema";

    /// <summary>The exit code where the database does not answer, or refuses.</summary>
    private const int Failed = 1;

    /// <summary>Applies it.</summary>
    /// <param name="configuration">The configuration, of which only the section <c>Cluster</c> is read.</param>
    /// <param name="output">Takes what was done.</param>
    /// <param name="errors">Takes what is wrong.</param>
    /// <param name="cancellation">Ends it; nothing is half done then.</param>
    /// <returns>The exit code: 0 if the schema is as it should be, 1 if the database does not let it be, 2 for mistakes in the configuration.</returns>
    public static async Task<int> RunAsync(IConfiguration configuration, TextWriter output, TextWriter errors, CancellationToken cancellation)
    {
        var mistakes = new List<string>();
        if (ClusterSettingsReader.Read(configuration, mistakes) is not { } settings)
        {
            mistakes.Insert(0, $"{ClusterSettingsReader.ConnectionStringKey}: missing. {Option} needs the database that it is to set up.");
            throw new AdmissionConfigurationException(mistakes);
        }

        if (mistakes.Count > 0)
        {
            throw new AdmissionConfigurationException(mistakes);
        }

        await using var database = new ClusterDatabase(settings);
        using var logs = LoggerFactory.Create(builder => builder.AddConfiguration(configuration.GetSection("Logging")).AddConsole());
        var installer = new SchemaInstaller(SchemaScript.All, database, new PostgresSecretStore(settings, database), logs.CreateLogger<SchemaInstaller>());
        try
        {
            await installer.PrepareAsync(cancellation);
        }
        catch (ClusterStartException refused)
        {
            return await ProcessDefaults.FailAsync(errors, [refused.Message]);
        }
        catch (NpgsqlException failed)
        {
            await errors.WriteLineAsync($"The schema of the database '{database.Name}' could not be applied: {failed.Message} Nothing is half done: start it again.");
            return Failed;
        }

        await output.WriteLineAsync($"The database '{database.Name}' has the schema of this silo.");
        return 0;
    }
}
