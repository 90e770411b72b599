using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;

namespace Admission.Grains.Authority;

/// <summary>Has the silo renew its ledgers' authority, in a store that all silos share.</summary>
public static class AuthorityExtensions
{
    /// <summary>
    /// Claims epochs and renews authority in PostgreSQL. With <see cref="AdmissionGrainsExtensions.AddAdmissionGrains(Orleans.Hosting.ISiloBuilder)"/>, in any order. The database needs the
    /// tables of <c>src/Silo/Sql/004_admission_authority.sql</c> before the silo starts.
    /// </summary>
    /// <param name="services">The silo's services.</param>
    /// <param name="connectionString">The database. Its connections are the authority's own, so that nothing else can hold them up.</param>
    /// <param name="configure">Sets <see cref="PostgresAuthorityOptions.ServiceId"/> and <see cref="PostgresAuthorityOptions.Silo"/>.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddPostgresAuthority(
        this IServiceCollection services, string connectionString, Action<PostgresAuthorityOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrWhiteSpace(connectionString);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<PostgresAuthorityOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PostgresAuthorityOptions>, PostgresAuthorityOptionsRules>());
        services.TryAddKeyedSingleton(typeof(PostgresAuthorityStore), (_, _) => OpenDatabase(connectionString));
        services.TryAddSingleton<IAuthorityStore>(static provider => new PostgresAuthorityStore(
            provider.GetRequiredKeyedService<NpgsqlDataSource>(typeof(PostgresAuthorityStore)),
            provider.GetRequiredService<IOptions<PostgresAuthorityOptions>>(),
            provider.GetRequiredService<TimeProvider>()));
        return services.AddSiloAuthority();
    }

    /// <summary>Has the silo renew its ledgers' authority in the <see cref="IAuthorityStore"/> that is registered.</summary>
    internal static IServiceCollection AddSiloAuthority(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<SiloAuthority>();
        services.Replace(ServiceDescriptor.Singleton<IEpochAuthority>(static provider => provider.GetRequiredService<SiloAuthority>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, SiloAuthority>(static provider => provider.GetRequiredService<SiloAuthority>()));
        services.Configure<CapacityGrainOptions>(options => options.RenewedBySilo = true);
        return services;
    }

    /// <summary>Few connections: a renewal at a time, and the claims of grains that activate.</summary>
    private static NpgsqlDataSource OpenDatabase(string connectionString)
    {
        // Nobody waits for the answer to a cancellation: a statement that is late has failed, and the next one takes another connection. The store bounds each.
        var settings = new NpgsqlConnectionStringBuilder(connectionString) { ApplicationName = "Admission authority", CancellationTimeout = -1, CommandTimeout = 0 };
        settings.MaxPoolSize = Math.Min(settings.MaxPoolSize, 10);
        return NpgsqlDataSource.Create(settings);
    }
}
