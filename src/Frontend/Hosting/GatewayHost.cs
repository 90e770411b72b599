using Admission.Frontend.Api;
using Admission.Frontend.Buffering;
using Admission.Frontend.Configuration;
using Admission.Frontend.Sample;
using Admission.Grains.Cluster;
using Admission.Grains.Configuration;
using Admission.Grains.Hosting;
using Admission.Grains.Storage;
using Admission.Security;
using Admission.Security.Configuration;
using Admission.Security.Login;
using Admission.Telemetry;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Configuration.Memory;
using Yarp.ReverseProxy.Configuration;

namespace Admission.Frontend.Hosting;

/// <summary>The gateway as a process: command line, configuration, silo and server put together, and every start-up mistake told in words.</summary>
internal static class GatewayHost
{
    private const string DefaultUrl = "http://127.0.0.1:8080";

    /// <summary>The data folder where none is configured, in the working directory.</summary>
    public const string DefaultDataFolder = "admission-data";

    /// <summary>Runs until Ctrl-C or SIGTERM, or until it finds that it cannot take part in its cluster.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="output">Takes the banner and the help.</param>
    /// <param name="errors">Takes what is wrong.</param>
    /// <param name="stop">Stops it too.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextWriter output, TextWriter errors, CancellationToken stop = default)
    {
        var line = CommandLine.Parse(arguments);
        if (line.WantsHelp)
        {
            await output.WriteLineAsync(CommandLine.Help);
            return 0;
        }

        if (line.Errors.Count > 0)
        {
            return await ProcessDefaults.FailAsync(errors, line.Errors);
        }

        SampleBackend? sample = null;
        try
        {
            var builder = CreateBuilder(line);
            if (!builder.Configuration.GetSection(YarpConfiguration.SectionName).GetChildren().Any())
            {
                sample = await SampleBackend.StartAsync();

                // Below all other sources: whoever says something about the sample means it.
                ((IConfigurationBuilder)builder.Configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = sample.Settings });
            }

            var mistakes = new List<string>();
            var cluster = ClusterSettingsReader.Read(builder.Configuration, mistakes);
            TopSections.Check(builder.Configuration, mistakes);
            await using var app = await TryBuildAsync(builder, cluster, mistakes);
            if (app is null)
            {
                return await ProcessDefaults.FailAsync(errors, [.. mistakes.Select(line.Explain)]);
            }

            var inForce = app.Services.GetRequiredService<AcceptedConfiguration>().Root;
            mistakes.AddRange(await ConfigurationGate.CheckAsync(inForce, app.Services.GetRequiredService<IConfigValidator>(), cluster is not null));
            if (mistakes.Count > 0)
            {
                return await ProcessDefaults.FailAsync(errors, [.. mistakes.Select(line.Explain)]);
            }

            Map(app);
            return await HostRun.ToEndAsync(app, () => Banner.Text(app, sample), output, errors, stop);
        }
        catch (AdmissionConfigurationException wrong)
        {
            return await ProcessDefaults.FailAsync(errors, wrong.Errors);
        }
        catch (Exception exception) when (exception is DataFolderException or InvalidDataException || ProcessDefaults.AddressInUse(exception))
        {
            return await ProcessDefaults.FailAsync(errors, [Explain(exception)]);
        }
        finally
        {
            await (sample?.DisposeAsync() ?? default);
        }
    }

    private static WebApplicationBuilder CreateBuilder(CommandLine line)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = line.Passed });
        var configuration = builder.Configuration;
        if (line.HasBackend && configuration.GetSection(YarpConfiguration.SectionName).GetChildren().Any())
        {
            throw new AdmissionConfigurationException(["--to: the configuration has a section ReverseProxy already. Give one or the other."]);
        }

        configuration.AddInMemoryCollection(line.Settings);
        ((IConfigurationBuilder)configuration).Sources.Insert(0, new MemoryConfigurationSource { InitialData = line.Implied });
        ProcessDefaults.Add(configuration, () => DefaultUrl);
        return builder;
    }

    // Whoever starts a second gateway in the folder of the first hears of his other mistakes too.
    private static async Task<WebApplication?> TryBuildAsync(WebApplicationBuilder builder, ClusterSettings? cluster, List<string> mistakes)
    {
        try
        {
            return Build(builder, cluster);
        }
        catch (DataFolderException taken)
        {
            await using var rules = new ServiceCollection().AddLogging().AddReverseProxy().Services.BuildServiceProvider();
            var found = await ConfigurationGate.CheckAsync(builder.Configuration, rules.GetRequiredService<IConfigValidator>(), cluster is not null);
            mistakes.AddRange(found.Except(mistakes, StringComparer.Ordinal));
            mistakes.Add(taken.Message);
            return null;
        }
    }

    private static WebApplication Build(WebApplicationBuilder builder, ClusterSettings? cluster)
    {
        var dataFolder = Path.GetFullPath(builder.Configuration["Admission:DataFolder"] ?? DefaultDataFolder);
        if (cluster is not null)
        {
            builder.Services.AddClusterClient(cluster);
        }
        else
        {
            builder.UseOrleans(silo => EmbeddedSilo.Configure(silo, dataFolder));
        }

        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);

        // Admission:ShutdownTimeout decides alone: OrderlyShutdown raises the host's to what it needs.
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.Zero);

        var accepted = new AcceptedConfiguration();
        accepted.Accept(builder.Configuration);
        builder.Services.AddSingleton(accepted);
        builder.Services.AddAdmissionTelemetry(ReadTelemetry(builder.Configuration), ServiceIdentity.Of("admission-gateway", typeof(GatewayHost).Assembly));
        builder.Services.AddAdmissionDashboard();
        builder.Services.AddSecurityHost(accepted.Root.GetSection(SecurityReader.SectionName), ReadSecurity(builder.Configuration));
        builder.Services.AddSingleton(new BufferFolder(Path.Combine(dataFolder, "buffers")));
        builder.Services.AddReverseProxy()
            .LoadFromConfig(accepted.Root.GetSection(YarpConfiguration.SectionName))
            .ConfigureHttpClient((_, handler) => BackendConnections.Configure(handler))
            .AddAdmission(accepted.Root.GetSection(SettingsReader.SectionName));
        AddSessionKeys(builder.Services, dataFolder, cluster);
        var raw = (IConfigurationRoot)builder.Configuration;
        builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<ConfigurationGate>(services, raw));
        return builder.Build();
    }

    // Its mistakes are among those that the gate finds, and nothing is started then.
    private static TelemetrySettings ReadTelemetry(IConfiguration configuration)
    {
        var mistakes = new List<string>();
        var settings = TelemetryReader.Read(configuration, mistakes);
        return mistakes.Count == 0 ? settings : new TelemetrySettings { Metrics = MetricsAccess.Off };
    }

    private static void AddSessionKeys(IServiceCollection services, string dataFolder, ClusterSettings? cluster)
    {
        if (cluster is null)
        {
            services.AddSessionKeysInFolder(dataFolder);
        }
        else
        {
            services.AddSessionKeysInCluster();
        }
    }

    private static SecuritySettings ReadSecurity(IConfiguration configuration)
    {
        var mistakes = new List<string>();
        var settings = SecurityReader.Read(configuration, mistakes);
        return mistakes.Count == 0 ? settings : new SecuritySettings();
    }

    private static void Map(WebApplication app)
    {
        app.MapAdmissionDashboard();
        app.AuthenticateWhereAsked();
        AuthorizeWhereAsked(app);
        app.MapAdmissionApi();
        app.MapLogin();
        app.MapAdmissionMetrics();
        app.MapReverseProxy(proxy =>
        {
            proxy.UseAdmission();
            proxy.UseSessionAffinity();
            proxy.UseLoadBalancing();
            proxy.UsePassiveHealthChecks();
        });
    }

    /// <summary>
    /// YARP's services make the host ask for authorization on every request, which costs an asynchronous method and half a kilobyte while the request waits. Only an endpoint
    /// that says so (a route's <c>AuthorizationPolicy</c>) has anything to ask.
    /// </summary>
    private static void AuthorizeWhereAsked(WebApplication app)
    {
        // The mark of UseAuthorization, by which the host knows that it need not add its own. Where it is not understood, the host adds it, and all is as before.
        ((IApplicationBuilder)app).Properties["__AuthorizationMiddlewareSet"] = true;
        app.UseWhen(
            static context => context.GetEndpoint()?.Metadata is { } metadata
                && (metadata.GetMetadata<IAuthorizeData>() is not null || metadata.GetMetadata<IAuthorizationRequirementData>() is not null),
            static asked => asked.UseAuthentication().UseAuthorization());
    }

    private static string Explain(Exception exception) => exception switch
    {
        IOException when ProcessDefaults.AddressInUse(exception) => ProcessDefaults.ExplainAddressInUse(exception),
        InvalidDataException => exception.InnerException is { } cause ? $"{exception.Message} {cause.Message}" : exception.Message,
        _ => exception.Message,
    };
}
