using System.Net;
using Admission.Telemetry.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Admission.Telemetry.Tests;

/// <summary>Who may scrape.</summary>
public sealed class AccessTests
{
    private const string Key = "adm_0123456789012345678901234567890123456789012";

    [Theory]
    [InlineData("Local", "127.0.0.1", null, 200)]
    [InlineData("Local", "::1", null, 200)]
    [InlineData("Local", null, null, 200)]
    [InlineData("Local", "127.0.0.1", "X-Forwarded-For", 403)]
    [InlineData("Local", "192.0.2.7", null, 403)]
    [InlineData("Everyone", "192.0.2.7", null, 200)]
    public async Task The_setting_and_the_callers_address_decide(string access, string? address, string? proxyHeader, int status)
    {
        var (got, text) = await ScrapeAsync(access, address, proxyHeader, "10.0.0.1");
        got.ShouldBe(status);
        text.Contains("target_info", StringComparison.Ordinal).ShouldBe(status == 200);
        text.Contains("Admission:Telemetry:Metrics", StringComparison.Ordinal).ShouldBe(status != 200);
    }

    [Theory]
    [InlineData("127.0.0.1", null, 200)]
    [InlineData("192.0.2.7", null, 401)]
    [InlineData("192.0.2.7", Key, 200)]
    [InlineData("192.0.2.7", Key + "x", 401)]
    public async Task A_key_for_it_serves_from_elsewhere_and_this_machine_needs_none(string address, string? key, int status) =>
        (await ScrapeAsync("Local", address, key is null ? null : "Authorization", $"Bearer {key}", Security.Keys.ApiKey.HashText(Key))).Status.ShouldBe(status);

    private static async Task<(int Status, string Text)> ScrapeAsync(string access, string? address, string? header, string value, string? hash = null)
    {
        using var meters = new TestMeters();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var settings = new Dictionary<string, string?> { ["Admission:Security:Keys:0:Name"] = "prometheus", ["Admission:Security:Keys:0:Role"] = "metrics", ["Admission:Security:Keys:0:Hash"] = hash };
        builder.Configuration.AddInMemoryCollection(hash is null ? [] : settings);
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRouting();
        builder.Services.AddSingleton(new TelemetrySettings { Metrics = Enum.Parse<MetricsAccess>(access) });
        builder.Services.AddSingleton(meters.Collector);
        Security.AccessServices.AddAccess(builder.Services, _ => builder.Configuration.GetSection("Admission:Security"));
        await using var app = builder.Build();
        app.MapAdmissionMetrics();
        var endpoint = ((IEndpointRouteBuilder)app).DataSources.SelectMany(source => source.Endpoints).ShouldHaveSingleItem();
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = app.Services };
        context.SetEndpoint(endpoint);
        context.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
        context.Request.Method = "GET";
        if (header is not null)
        {
            context.Request.Headers[header] = value;
        }

        context.Response.Body = body;
        await endpoint.RequestDelegate!(context);
        return (context.Response.StatusCode, System.Text.Encoding.UTF8.GetString(body.ToArray()));
    }
}
