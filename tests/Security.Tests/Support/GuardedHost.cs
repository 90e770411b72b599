using System.Net;
using Admission.Security.Callers;
using Admission.Security.Configuration;
using Admission.Security.Login;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Admission.Security.Tests.Support;

/// <summary>A host with endpoints of every kind, set up as gateway and silo are. The header <c>X-Test-Remote</c> says from where a request comes.</summary>
internal sealed class GuardedHost : IAsyncDisposable
{
    /// <summary>An address elsewhere.</summary>
    public const string Elsewhere = "192.0.2.7";

    private readonly TemporaryFolder _folder = new();
    private readonly Source _source;
    private readonly WebApplication _app;

    private GuardedHost(Dictionary<string, string?> settings, string? keys, Action<IServiceCollection>? more)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        _source = new Source(settings);
        builder.Configuration.Sources.Add(_source);
        builder.Logging.AddProvider(Log).SetMinimumLevel(LogLevel.Trace);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRouting();
        builder.Services.AddSingleton<TimeProvider>(Time);
        var mistakes = new List<string>();
        builder.Services.AddSecurityHost(builder.Configuration.GetSection(SecurityReader.SectionName), SecurityReader.Read(builder.Configuration, mistakes));
        mistakes.ShouldBeEmpty();
        builder.Services.AddSessionKeysInFolder(keys ?? _folder.Path);
        more?.Invoke(builder.Services);
        _app = builder.Build();
        _app.AuthenticateWhereAsked();
        _app.Use((context, next) =>
        {
            context.Connection.RemoteIpAddress = context.Request.Headers["X-Test-Remote"] is [{ } remote] ? IPAddress.Parse(remote) : context.Connection.RemoteIpAddress;
            return next();
        });
        _app.MapGet("/admission/v1/look", (HttpContext context) => Describe(context)).RequireViewer();
        _app.MapPost("/admission/v1/change", (HttpContext context) => Describe(context)).RequireOperator();
        _app.MapMethods("/admission/v1/mine", ["GET", "DELETE"], (HttpContext context) => Describe(context)).TellCaller();
        var group = _app.MapGroup("/admission/v1/group").RequireViewer();
        group.MapGet("/look", (HttpContext context) => Describe(context));
        group.MapGet("/change", (HttpContext context) => Describe(context)).RequireOperator();
        _app.MapGet("/open", () => "open");
        _app.MapLogin();
    }

    public LogText Log { get; } = new();

    public ManualTime Time { get; } = new();

    public HttpClient Http { get; } = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(30) };

    public AccessGate Gate => _app.Services.GetRequiredService<AccessGate>();

    public IServiceProvider Services => _app.Services;

    public static async Task<GuardedHost> StartAsync(Dictionary<string, string?>? settings = null, string? keys = null, Action<IServiceCollection>? more = null)
    {
        var host = new GuardedHost(settings ?? [], keys, more);
        await host._app.StartAsync();
        host.Http.BaseAddress = new Uri(host._app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
        return host;
    }

    /// <summary>As if the file had been changed.</summary>
    public void Change(Dictionary<string, string?> settings) => _source.Replace(settings);

    public Task<HttpResponseMessage> SendAsync(string path, string method = "GET", string? key = null, string? from = null, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(new HttpMethod(method), path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value).ShouldBeTrue(name);
        }

        if (key is not null)
        {
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {key}");
        }

        if (from is not null)
        {
            request.Headers.Add("X-Test-Remote", from);
        }

        return Http.SendAsync(request);
    }

    public async Task<int> StatusAsync(string path, string method = "GET", string? key = null, string? from = null, params (string Name, string Value)[] headers)
    {
        using var response = await SendAsync(path, method, key, from, headers);
        return (int)response.StatusCode;
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private static string Describe(HttpContext context) =>
        $"{context.User.Identity?.Name}: {string.Join(' ', AccessRoles.All.Where(each => context.User.IsInRole(each.Name)).Select(each => each.Name))}";

    private sealed class Source(Dictionary<string, string?> settings) : ConfigurationProvider, IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder)
        {
            Data = settings;
            return this;
        }

        public void Replace(Dictionary<string, string?> next)
        {
            Data = next;
            OnReload();
        }
    }
}
