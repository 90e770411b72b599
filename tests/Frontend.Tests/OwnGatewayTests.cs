using Admission.Frontend.Tests.Support;
using Admission.Grains.Configuration;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Admission.Frontend.Tests;

/// <summary>A gateway of somebody's own as a member of a cluster.</summary>
public sealed class OwnGatewayTests
{
    [Fact]
    public async Task Does_not_start_with_a_lease_that_a_lost_call_would_cost()
    {
        await using var server = await TestServer.StartAsync(_ => Task.CompletedTask);
        var settings = TestGateway.Settings([server], new() { ["Limit"] = "1", ["LeaseTtl"] = "1s" });
        settings["Cluster:ConnectionString"] = "Host=127.0.0.1;Port=1;Timeout=1";
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Configuration.AddInMemoryCollection(settings);
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.UseAdmissionCluster();
        builder.Services.AddReverseProxy().LoadFromConfig(builder.Configuration.GetSection("ReverseProxy")).AddAdmission();
        await using var app = builder.Build();
        app.MapReverseProxy(proxy => proxy.UseAdmission());

        var refused = await Should.ThrowAsync<AdmissionConfigurationException>(() => app.StartAsync());
        refused.Errors.ShouldHaveSingleItem().ShouldStartWith("Admission:Backends:model:LeaseTtl: 00:00:01 is too short for a cluster");
    }
}
