using System.Net;
using System.Net.Sockets;
using Admission.Client;
using Admission.Client.Hosting;
using Admission.Client.Http;
using Admission.Client.RateLimiting;
using Admission.Grains;
using Admission.Grains.Cluster;
using Admission.Grains.Configuration;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using System.Threading.RateLimiting;
using Orleans.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the client library to a program.</summary>
public static class AdmissionClientExtensions
{
    /// <summary>Adds <see cref="AdmissionClient"/> alone. Needs an Orleans client or a co-hosted silo; calling it again changes nothing but the options.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets options; null for the defaults.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddAdmissionClient(this IServiceCollection services, Action<AdmissionClientOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<AdmissionClientOptions>()
            .Validate(
                options => options.HolderName.Length is > 0 and <= AdmissionClientOptions.LongestName,
                $"HolderName: give a name of 1 to {AdmissionClientOptions.LongestName} characters.")
            .Validate(
                options => options.HasPossibleRetries,
                "ShortestRetry, LongestRetry: give durations from 1 ms to 1 minute, the shortest no longer than the longest.")
            .ValidateOnStart();
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<AdmissionClient>();
        return services;
    }

    /// <summary>
    /// Adds <see cref="AdmissionClient"/> with all that it needs: the connection to the cluster that the section <c>Cluster</c> names, or ledgers in this process where there is none; and the backends of the section
    /// <c>Admission</c>, whose policies are in force when the program starts. When the program stops, every permit is given back.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configuration">The program's configuration.</param>
    /// <returns>The same services.</returns>
    /// <exception cref="AdmissionConfigurationException">The sections have mistakes; all of them are listed.</exception>
    /// <exception cref="Admission.Grains.Storage.DataFolderException">There is no cluster, and the folder for the ledgers' state cannot be used.</exception>
    /// <exception cref="InvalidOperationException">It was called before.</exception>
    /// <example><code>
    /// builder.Services.AddAdmissionClient(builder.Configuration);
    ///
    /// { "Cluster": { "ConnectionString": "Host=db;..." }, "Admission": { "Backends": { "licences": { "Limit": 20, "Overflow": "Wait" } } } }
    /// </code></example>
    public static IServiceCollection AddAdmissionClient(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        if (services.Any(service => service.ServiceType == typeof(ClientSettings)))
        {
            throw new InvalidOperationException("AddAdmissionClient(configuration) was called before: a program is one client. Add its backends to the section Admission:Backends.");
        }

        var mistakes = new List<string>();
        var cluster = ClusterSettingsReader.Read(configuration, mistakes);
        var settings = ClientSettingsReader.Read(configuration.GetSection(ClientSettingsReader.SectionName), cluster is not null, mistakes);
        if (mistakes.Count > 0)
        {
            throw new AdmissionConfigurationException(mistakes);
        }

        if (cluster is not null)
        {
            services.AddClusterClient(cluster);
        }
        else
        {
            services.AddOrleans(silo => silo.UseLocalhostClustering(FreePort(), gatewayPort: 0).AddAdmissionGrains(settings.DataFolder));
        }

        services.AddSingleton(settings);
        services.AddAdmissionClient(options => options.HolderName = settings.HolderName ?? options.HolderName);

        // After the engine: started when that answers, and stopped before it goes.
        return services.AddHostedService<ClientBackends>();
    }

    /// <summary>Adds a policy to ASP.NET Core's rate limiting whose limit is a backend's, over the cluster. In place of <c>AddConcurrencyLimiter</c>.</summary>
    /// <param name="options">The middleware's options.</param>
    /// <param name="policyName">The policy's name, as endpoints give it to <c>RequireRateLimiting</c>.</param>
    /// <param name="backend">The backend's id.</param>
    /// <param name="configure">Sets the limiter's options; null for the defaults.</param>
    /// <returns>The same options.</returns>
    public static RateLimiterOptions AddAdmissionLimiter(this RateLimiterOptions options, string policyName, string backend, Action<AdmissionRateLimiterOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        var settings = new AdmissionRateLimiterOptions();
        configure?.Invoke(settings);
        return options.AddPolicy(policyName, context =>
        {
            var client = context.RequestServices.GetRequiredService<AdmissionClient>();
            return RateLimitPartition.Get(backend, key => new AdmissionRateLimiter(client, key, settings));
        });
    }

    /// <summary>Lets an HTTP client's requests go out with a backend's permits only.</summary>
    /// <param name="builder">The client's builder.</param>
    /// <param name="backend">The backend's id.</param>
    /// <param name="configure">Sets the handler's options; null for the defaults.</param>
    /// <returns>The same builder.</returns>
    public static IHttpClientBuilder AddAdmissionHandler(this IHttpClientBuilder builder, string backend, Action<AdmissionHandlerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var options = new AdmissionHandlerOptions(backend);
        configure?.Invoke(options);
        return builder.AddHttpMessageHandler(services => new AdmissionHandler(services.GetRequiredService<AdmissionClient>(), options));
    }

    // No other process talks to this silo; it needs a port of its own all the same.
    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
