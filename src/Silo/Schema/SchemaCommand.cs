using Admission.Grains.Cluster;
using Admission.Grains.Configuration;
using Admission.Grains.Hosting;
using Npgsql;

namespace Admission.Silo.Schema;

/// <summary>
/// <c>--apply-schema</c>: brings the database's schema to what this silo knows, and ends. For an init step whose user has more rights than the silos'. <c>--apply-schema=10m</c> waits so
/// long for a database that cannot be reached yet; one that refuses is not waited for.
/// </summary>
internal static class SchemaCommand
{
    /// <summary>The option.</summary>
    public const string Option = "--apply-schema";

    /// <summary>The exit code where the database does not answer, or refuses.</summary>
    private const int Failed = 1;

    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>Takes the option out of the arguments.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="errors">Takes what is wrong with it.</param>
    /// <returns>How long to wait for the database, null where the option is not there; and the other arguments.</returns>
    public static (TimeSpan? Wait, string[] Others) Take(IReadOnlyList<string> arguments, List<string> errors)
    {
        TimeSpan? wait = null;
        var others = new List<string>();
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (string.Equals(argument, Option, StringComparison.OrdinalIgnoreCase))
            {
                // The time may stand behind it too, as with all other options.
                var hasTime = i + 1 < arguments.Count && !arguments[i + 1].StartsWith('-');
                wait = hasTime ? ReadWait(arguments[++i], errors) : wait ?? TimeSpan.Zero;
            }
            else if (argument.StartsWith($"{Option}=", StringComparison.OrdinalIgnoreCase))
            {
                wait = ReadWait(argument[(Option.Length + 1)..], errors);
            }
            else
            {
                others.Add(argument);
            }
        }

        return (wait, [.. others]);
    }

    /// <summary>Applies it.</summary>
    /// <param name="configuration">The configuration, of which only the section <c>Cluster</c> is read.</param>
    /// <param name="output">Takes what was done.</param>
    /// <param name="errors">Takes what is wrong.</param>
    /// <param name="wait">How long a database that cannot be reached is waited for.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellation">Ends it; nothing is half done then.</param>
    /// <returns>The exit code: 0 if the schema is as it should be, 1 if the database does not let it be, 2 for mistakes in the configuration.</returns>
    public static async Task<int> RunAsync(
        IConfiguration configuration, TextWriter output, TextWriter errors, TimeSpan wait, TimeProvider time, CancellationToken cancellation)
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
            await ApplyAsync(installer, new ClusterWaiting(time, logs.CreateLogger<ClusterWaiting>()), wait, time, cancellation);
        }
        catch (ClusterStartException refused)
        {
            return await ProcessDefaults.FailAsync(errors, [refused.Message]);
        }
        catch (Exception failed) when (PostgresWords.IsFailure(failed))
        {
            await errors.WriteLineAsync($"The schema of the database '{database.Name}' could not be applied: {failed.Message} Nothing is half done: start it again.");
            return Failed;
        }

        await output.WriteLineAsync($"The database '{database.Name}' has the schema of this silo.");
        return 0;
    }

    private static async Task ApplyAsync(SchemaInstaller installer, ClusterWaiting waiting, TimeSpan wait, TimeProvider time, CancellationToken cancellation)
    {
        for (var begun = time.GetTimestamp(); ;)
        {
            try
            {
                await installer.PrepareAsync(cancellation);
                waiting.Over();
                return;
            }
            catch (Exception failed) when (MayPass(failed) && time.GetElapsedTime(begun) + Pause <= wait)
            {
                waiting.For(PostgresWords.Explain(failed));
            }

            await Task.Delay(Pause, time, cancellation);
        }
    }

    // A wrong password or a missing database is somebody's mistake, who should see it at once.
    private static bool MayPass(Exception failed) => PostgresWords.IsFailure(failed) && failed is not PostgresException { IsTransient: false };

    private static TimeSpan ReadWait(string text, List<string> errors)
    {
        if (Durations.TryParse(text, out var wait) && wait >= TimeSpan.Zero && wait <= LongestWait)
        {
            return wait;
        }

        errors.Add($"{Option}: '{text}' is not possible. Give how long to wait for the database, from 0s to 1h, such as {Option}=10m.");
        return TimeSpan.Zero;
    }
}
