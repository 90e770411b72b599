using System.Net;
using Admission.Grains;
using Admission.Grains.Cluster;
using Admission.Grains.Configuration;
using Admission.Grains.Hosting;
using Admission.Security;
using Admission.Security.Configuration;
using Admission.Security.Login;
using Admission.Silo.Health;
using Admission.Silo.Schema;
using Admission.Telemetry;

namespace Admission.Silo.Hosting;

/// <summary>The silo as a process: command line, configuration, engine and health put together, and every start-up mistake told in words.</summary>
internal static class SiloHost
{
    private const int DefaultHttpPort = 8081;

    /// <summary>Runs until Ctrl-C or SIGTERM, or until the silo finds that it is no member of the cluster any more.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="output">Takes the banner and the help.</param>
    /// <param name="errors">Takes what is wrong.</param>
    /// <param name="stop">Stops it too.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors, CancellationToken stop = default)
    {
        var mistakes = new List<string>();
        var (onlySchema, others) = SchemaCommand.Take(arguments, mistakes);
        var line = CommandArguments.Parse(others, SiloCommandLine.Options);
        line.Errors.AddRange(mistakes);
        if (line.WantsHelp)
        {
            await output.WriteLineAsync(SiloCommandLine.Help);
            return 0;
        }

        if (line.Errors.Count > 0)
        {
            return await ProcessDefaults.FailAsync(errors, line.Errors);
        }

        try
        {
            using var http = new HttpPort();
            var builder = CreateBuilder(line, http);
            if (onlySchema is { } wait)
            {
                return await SchemaCommand.RunAsync(builder.Configuration, output, errors, wait, TimeProvider.System, stop);
            }

            var (settings, telemetry, security) = Read(builder.Configuration);
            using var ports = Choose(settings);
            builder.Services.AddSecurityHost(builder.Configuration.GetSection(SecurityReader.SectionName), security);
            await using var app = Build(builder, settings, telemetry, ports, http);
            return await HostRun.ToEndAsync(app, () => SiloBanner.Text(app, settings, ports), output, errors, stop);
        }
        catch (AdmissionConfigurationException wrong)
        {
            return await ProcessDefaults.FailAsync(errors, [.. wrong.Errors.Select(line.Explain)]);
        }
        catch (Exception exception) when (ProcessDefaults.AddressInUse(exception))
        {
            return await ProcessDefaults.FailAsync(errors, [ProcessDefaults.ExplainAddressInUse(exception)]);
        }
        catch (InvalidDataException unreadable)
        {
            // A configuration file.
            return await ProcessDefaults.FailAsync(errors, [$"{unreadable.Message} {unreadable.InnerException?.Message}".TrimEnd()]);
        }
    }

    private static WebApplicationBuilder CreateBuilder(CommandArguments line, HttpPort http)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = line.Passed });
        builder.Configuration.AddInMemoryCollection(line.Settings);
        ProcessDefaults.Add(builder.Configuration, () => http.Take(IPAddress.Loopback, DefaultHttpPort));
        return builder;
    }

    private static (ClusterSettings Cluster, TelemetrySettings Telemetry, SecuritySettings Security) Read(ConfigurationManager configuration)
    {
        var mistakes = new List<string>();
        var settings = ClusterSettingsReader.Read(configuration, mistakes);
        if (settings is null)
        {
            mistakes.Insert(0, SiloCommandLine.NoCluster);
        }

        OrleansDashboard.Check(settings, mistakes);
        var telemetry = TelemetryReader.Read(configuration, mistakes);
        var security = SecurityReader.Read(configuration, mistakes);
        return settings is not null && mistakes.Count == 0 ? (settings, telemetry, security) : throw new AdmissionConfigurationException(mistakes);
    }

    private static SiloPorts Choose(ClusterSettings settings)
    {
        var mistakes = new List<string>();
        var ports = SiloPorts.Choose(settings, mistakes);
        if (mistakes.Count > 0)
        {
            ports.Dispose();
            throw new AdmissionConfigurationException(mistakes);
        }

        return ports;
    }

    private static WebApplication Build(WebApplicationBuilder builder, ClusterSettings settings, TelemetrySettings telemetry, SiloPorts ports, HttpPort http)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.WebHost.UseSockets(sockets => sockets.CreateBoundListenSocket = http.Listen);

        // Before the rest stops: what is asked about the silo's health meanwhile is answered.
        builder.Services.AddHostedService<SiloStopsFirst>();
        builder.Services.AddSingleton(SchemaScript.All);
        builder.Services.AddSingleton<PostgresSecretStore>();
        builder.Services.AddSingleton<IClusterPreparation, SchemaInstaller>();
        builder.Services.AddSingleton<IClusterPreparation, KeysPreparation>();
        builder.Services.AddSingleton<IReadiness, AuthorityReadiness>();
        builder.Services.AddAdmissionDashboard();
        builder.Services.AddAdmissionTelemetry(telemetry, ServiceIdentity.Of("admission-silo", typeof(SiloHost).Assembly));
        builder.AddClusterSilo(settings, ports, silo =>
        {
            silo.AddAdmissionGrains();
            OrleansDashboard.AddTo(silo, settings);
            silo.Services.AddHostedService<SiloJoined>();
        });
        builder.Services.AddSessionKeysInCluster();
        var app = builder.Build();
        app.AuthenticateWhereAsked();
        app.MapAdmissionDashboard();
        app.MapSiloApi();
        OrleansDashboard.MapTo(app, settings);
        app.MapLogin();
        app.MapAdmissionMetrics();
        return app;
    }
}
