using System.Diagnostics.Metrics;
using Admission.Security;
using Admission.Telemetry.Otlp;
using Admission.Telemetry.Prometheus;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Admission.Telemetry;

/// <summary>What both hosts do with telemetry: show it to Prometheus, and export it by OTLP.</summary>
internal static class TelemetryExtensions
{
    /// <summary>Adds what the settings ask for.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="settings">The settings.</param>
    /// <param name="service">The process.</param>
    public static void AddAdmissionTelemetry(this IServiceCollection services, TelemetrySettings settings, ServiceIdentity service)
    {
        services.AddSingleton(settings);
        services.AddHostedService<TelemetryStart>();
        if (settings.Metrics != MetricsAccess.Off)
        {
            services.AddMetrics();
            services.AddSingleton(provider => new MetricsCollector(
                provider.GetRequiredService<IMeterFactory>(), provider.GetRequiredService<ILogger<MetricsCollector>>(), settings.Meters, service.Target));
        }

        if (settings.Otlp is { } otlp)
        {
            services.AddHostedService(_ => new OtlpExport(otlp, settings.Meters, service));
        }
    }

    /// <summary>Who may scrape: also callers on this machine, whatever credentials there are.</summary>
    private static AccessMetadata ForScrapers { get; } = new(AccessRole.Metrics,
        "For a Prometheus elsewhere make a key, admission key new --role metrics, or set Admission:Telemetry:Metrics to Everyone, and keep the port from strangers.");

    /// <summary>Maps the address that Prometheus scrapes, unless it is off.</summary>
    /// <param name="endpoints">The host.</param>
    public static void MapAdmissionMetrics(this IEndpointRouteBuilder endpoints)
    {
        var settings = endpoints.ServiceProvider.GetRequiredService<TelemetrySettings>();
        if (settings.Metrics == MetricsAccess.Off)
        {
            return;
        }

        // Made now, not with the first scrape: what is counted one by one is counted from the start.
        var collector = endpoints.ServiceProvider.GetRequiredService<MetricsCollector>();
        var scrape = endpoints.MapMethods(settings.MetricsPath, [HttpMethods.Get, HttpMethods.Head], context => MetricsEndpoint.AnswerAsync(context, collector));
        if (settings.Metrics == MetricsAccess.Local)
        {
            scrape.Guard(ForScrapers);
        }
    }
}
