using System.Net;
using Admission.Telemetry.Prometheus;
using Admission.Telemetry.Tests.Support;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Admission.Telemetry.Tests;

/// <summary>Who may scrape.</summary>
public sealed class AccessTests
{
    [Theory]
    [InlineData("Local", "127.0.0.1", 200)]
    [InlineData("Local", "::1", 200)]
    [InlineData("Local", null, 200)]
    [InlineData("Local", "192.0.2.7", 403)]
    [InlineData("Everyone", "192.0.2.7", 200)]
    public async Task The_setting_and_the_callers_address_decide(string access, string? address, int status)
    {
        using var meters = new TestMeters();
        using var body = new MemoryStream();
        var context = new DefaultHttpContext { RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider() };
        context.Connection.RemoteIpAddress = address is null ? null : IPAddress.Parse(address);
        context.Request.Headers["X-Forwarded-For"] = "127.0.0.1";
        context.Response.Body = body;
        await MetricsEndpoint.AnswerAsync(context, meters.Collector, Enum.Parse<MetricsAccess>(access));
        context.Response.StatusCode.ShouldBe(status);
        var text = System.Text.Encoding.UTF8.GetString(body.ToArray());
        if (status == 200)
        {
            text.ShouldContain("target_info");
        }
        else
        {
            text.ShouldContain("Admission:Telemetry:Metrics");
            text.ShouldNotContain("target_info");
        }
    }
}
