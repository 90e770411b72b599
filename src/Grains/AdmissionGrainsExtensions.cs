using Admission.Grains.Authority;
using Admission.Grains.Storage;
using Admission.Grains.Telemetry;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Hosting;

namespace Admission.Grains;

/// <summary>Puts the capacity grains into a silo.</summary>
public static class AdmissionGrainsExtensions
{
    /// <summary>Adds the capacity grains with their state in local files: the embedded default, one process.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="dataFolder">Where the state is kept. Created if it is not there; one process at a time may use it.</param>
    /// <returns>The same silo.</returns>
    /// <exception cref="DataFolderException">The folder cannot be used; the message says why and what to do.</exception>
    public static ISiloBuilder AddAdmissionGrains(this ISiloBuilder silo, string dataFolder)
    {
        ArgumentNullException.ThrowIfNull(silo);
        var folder = DataFolder.Open(dataFolder);
        silo.Services.AddSingleton(_ => folder);
        silo.AddAdmissionGrains();
        silo.Services.AddFileGrainStorage(CapacityGrain.StorageName);
        silo.Services.Configure<CapacityGrainOptions>(options => options.SoleOwner = folder.Owner);
        return silo;
    }

    /// <summary>
    /// Adds the capacity grains. The silo needs a grain storage named <see cref="CapacityGrain.StorageName"/>, and in a cluster
    /// <see cref="AuthorityExtensions.AddPostgresAuthority"/>.
    /// </summary>
    /// <param name="silo">The silo.</param>
    /// <returns>The same silo.</returns>
    public static ISiloBuilder AddAdmissionGrains(this ISiloBuilder silo)
    {
        ArgumentNullException.ThrowIfNull(silo);
        silo.Services.TryAddSingleton(TimeProvider.System);
        silo.Services.TryAddSingleton<IEpochAuthority, RecordAuthority>();
        silo.Services.AddMetrics();
        silo.Services.TryAddSingleton<LedgerMetrics>();
        silo.Services.AddOptions<CapacityGrainOptions>().Configure<LedgerMetrics>(static (options, metrics) => options.Metrics = metrics).ValidateOnStart();
        silo.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<CapacityGrainOptions>, CapacityGrainOptionsRules>());
        return silo;
    }
}
