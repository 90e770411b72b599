using Admission.Dashboard.Feed;
using Admission.Dashboard.Tests.Scripted;
using Admission.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Admission.Dashboard.Tests.Browsing;

/// <summary>The dashboard on a port of its own, with a feed and a desk that do what a test says, and a backend's route that takes every other address.</summary>
internal sealed class DashboardHost : IAsyncDisposable
{
    /// <summary>An instant that is long enough ago that no page takes it for now.</summary>
    public static readonly DateTimeOffset Night = new(2026, 11, 21, 3, 0, 0, TimeSpan.Zero);

    private readonly WebApplication _app;
    private bool _isDisposed;

    private DashboardHost(WebApplication app) => _app = app;

    public ScriptedFeed Feed { get; private init; } = new();

    public ScriptedDesk Desk { get; private init; } = new();

    public string Address { get; private init; } = "";

    public string Dashboard => $"{Address}/admission/dashboard/";

    public static async Task<DashboardHost> StartAsync(int? port = null, IReadOnlyDictionary<string, string?>? settings = null)
    {
        var address = $"http://127.0.0.1:{port ?? FreePort.Take()}";
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address);
        builder.Configuration.AddInMemoryCollection(settings ?? new Dictionary<string, string?>());
        var (feed, desk) = (new ScriptedFeed(), new ScriptedDesk { At = TimeProvider.System.GetUtcNow() });
        builder.Services.AddSingleton<IDashboardFeed>(feed);
        builder.Services.AddSingleton<IDashboardDesk>(desk);
        builder.Services.AddAdmissionDashboard();
        var app = builder.Build();
        app.MapAdmissionDashboard();
        app.Map("/{**rest}", (HttpContext context) => $"backend {context.Request.Path}");
        await app.StartAsync();
        return new DashboardHost(app) { Feed = feed, Desk = desk, Address = address };
    }

    /// <summary>Tells the story as of now.</summary>
    public void Tell(int backends = 12)
    {
        var now = TimeProvider.System.GetUtcNow();
        Desk.At = now;
        Feed.Show(Story.Overview(now, backends));
        for (var index = 0; index < 6; index++)
        {
            Feed.Show(Story.Page(now, index));
        }

        Feed.Show(Story.Cluster(now));
        Feed.Show(Story.Jobs(now));
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed)
        {
            return;
        }

        _isDisposed = true;

        // Open connections are cut: what a page makes of that is a test of its own.
        using var atOnce = new CancellationTokenSource(TimeSpan.Zero);
        await _app.StopAsync(atOnce.Token);
        await _app.DisposeAsync();
    }
}
