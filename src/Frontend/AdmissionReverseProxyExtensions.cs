using Admission.Client;
using Admission.Dashboard.Feed;
using Admission.Frontend.Api.Operating;
using Admission.Frontend.Api.Policies;
using Admission.Frontend.Buffering;
using Admission.Frontend.Configuration;
using Admission.Frontend.Deferring;
using Admission.Frontend.Discovery;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Holding;
using Admission.Frontend.Recording;
using Admission.Frontend.Shutdown;
using Admission.Frontend.Telemetry;
using Admission.Security;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds admission to a YARP gateway.</summary>
public static class AdmissionReverseProxyExtensions
{
    /// <summary>
    /// Adds admission, with the policies in the section <c>Admission</c> of the application's configuration. Needs an Orleans client
    /// or a co-hosted silo, and <see cref="AspNetCore.Builder.AdmissionApplicationBuilderExtensions.UseAdmission"/> in the proxy's pipeline. Calling it again changes nothing.
    /// </summary>
    /// <param name="builder">YARP's builder.</param>
    /// <returns>The same builder.</returns>
    /// <example><code>
    /// builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy")).AddAdmission();
    /// app.MapReverseProxy(proxy =>
    /// {
    ///     proxy.UseAdmission();
    ///     proxy.UseSessionAffinity();
    ///     proxy.UseLoadBalancing();
    ///     proxy.UsePassiveHealthChecks();
    /// });
    /// </code></example>
    public static IReverseProxyBuilder AddAdmission(this IReverseProxyBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton(static services =>
            new AdmissionSection(services.GetRequiredService<IConfiguration>().GetSection(SettingsReader.SectionName)));
        return builder.AddAdmissionCore();
    }

    /// <summary>Adds admission, with the policies in a section of your choice.</summary>
    /// <param name="builder">YARP's builder.</param>
    /// <param name="section">The section; a change is applied live.</param>
    /// <returns>The same builder.</returns>
    public static IReverseProxyBuilder AddAdmission(this IReverseProxyBuilder builder, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(section);
        builder.Services.TryAddSingleton(new AdmissionSection(section));
        return builder.AddAdmissionCore();
    }

    private static IReverseProxyBuilder AddAdmissionCore(this IReverseProxyBuilder builder)
    {
        var services = builder.Services;
        services.AddAdmissionClient();
        services.AddAccess(static provider => provider.GetRequiredService<AdmissionSection>().Section.GetSection("Security"));
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<RunCancellations>();
        services.AddMetrics();
        services.TryAddSingleton<GatewayMetrics>();
        services.TryAddSingleton<Buffers>();
        services.TryAddSingleton<ArrivalRecorder>();
        services.TryAddSingleton(static services => BufferFolder.For(services.GetRequiredService<AdmissionSection>()));
        services.TryAddSingleton<JobDesk>();
        services.TryAddSingleton<PolicyDesk>();
        services.TryAddSingleton(static services =>
        {
            var desk = ActivatorUtilities.CreateInstance<HoldDesk>(services);
            services.GetRequiredService<GatewayMetrics>().ShowHeld(() => desk.Backends);
            return desk;
        });
        services.TryAddSingleton<BackendTable>();
        services.TryAddSingleton<IBackendDirectory, GatewayBackends>();
        services.TryAddSingleton<OverviewDesk>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigChangeListener, BackendTable>(static services => services.GetRequiredService<BackendTable>()));
        services.AddDnsDestinations();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, BackendTable>(static services => services.GetRequiredService<BackendTable>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, OrderlyShutdown>());

        // After the shutdown: what is registered last is told first that the gateway stops, and no job is to be taken up that would be refused.
        services.AddDeferredJobs();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IProxyConfigFilter, RunTimeoutFilter>());

        // Not over a client configuration of the application's own, which calls UseAdmissionFence itself.
        if (services.Last(static service => service.ServiceType == typeof(IForwarderHttpClientFactory)).ImplementationType == typeof(ForwarderHttpClientFactory))
        {
            builder.ConfigureHttpClient(static (_, handler) => handler.UseAdmissionFence());
        }

        return builder;
    }
}
