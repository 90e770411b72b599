using System.Net;
using Admission.Capacity;
using Admission.Client.Tests.RateLimiting;
using Admission.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Admission.Client.Tests.AspNetCore;

/// <summary>ASP.NET Core's own rate limiting, which knows nothing of clusters.</summary>
public class RateLimitingTests(LedgerFixture ledger) : IClassFixture<LedgerFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Two_applications_have_one_limit()
    {
        var backend = ledger.NextBackend();
        var release = new TaskCompletionSource();
        await using var one = await StartAsync(backend, release.Task);
        await using var other = await StartAsync(backend, release.Task);
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var (first, second) = (http.GetAsync(one.Urls.First()), http.GetAsync(other.Urls.First()));
        var client = one.Services.GetRequiredService<AdmissionClient>();
        await Until.TrueAsync(async () => (await client.DescribeAsync(backend))!.Occupancy.InUse == 2, Patience, () => "The two are not inside.");

        using var third = await http.GetAsync(one.Urls.First()).WaitAsync(Patience);
        release.SetResult();

        third.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await first.WaitAsync(Patience)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await second.WaitAsync(Patience)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private async Task<WebApplication> StartAsync(string backend, Task release)
    {
        var client = await ledger.Cluster.ClientAsync(backend, new BackendPolicy { Limit = 2 });
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{FreePort.Take()}");
        builder.Services.AddRoutingCore().AddSingleton(client).AddRateLimiter(options => options.AddAdmissionLimiter("limited", backend));
        var app = builder.Build();
        app.UseRouting();
        app.UseRateLimiter();
        app.MapGet("/", async (HttpContext context) => await release.WaitAsync(Patience, context.RequestAborted)).RequireRateLimiting("limited");
        await app.StartAsync();
        return app;
    }
}
