using System.Reflection;
using Microsoft.Playwright;

namespace Admission.Dashboard.Tests.Browsing;

/// <summary>Debian's Chromium, one for all tests, driven by Playwright. Each test has a context of its own, as a user of its own has.</summary>
public sealed class Browser : IAsyncLifetime
{
    private const string Chromium = "/usr/bin/chromium";
    private const string SearchPath = "PLAYWRIGHT_DRIVER_SEARCH_PATH";

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private IBrowserContext? _shared;
    private DashboardHost? _host;

    public static bool IsInstalled => File.Exists(Chromium);

    /// <summary>Tests that need it are skipped where it is missing.</summary>
    public static void Need() => Skip.IfNot(IsInstalled, $"Needs {Chromium} of the Debian package chromium: apt-get install chromium, or ./test as root.");

    public async Task InitializeAsync()
    {
        if (!IsInstalled)
        {
            return;
        }

        Environment.SetEnvironmentVariable(SearchPath, Metadata("PlaywrightPackage"));
        _playwright = await Playwright.CreateAsync();

        // As root, as CI is, Chromium has no sandbox; what it loads is ours.
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = ["--no-sandbox", "--disable-gpu"] });
        Assertions.SetDefaultExpectTimeout(10_000);
        _host = await DashboardHost.StartAsync();
        _shared = await _browser.NewContextAsync(new BrowserNewContextOptions { ReducedMotion = ReducedMotion.Reduce });
        _shared.SetDefaultTimeout(10_000);
    }

    public async Task DisposeAsync()
    {
        await (_host?.DisposeAsync() ?? default);
        await (_browser?.DisposeAsync() ?? default);
        _playwright?.Dispose();
    }

    /// <summary>The host that tests share, with the story told anew. A test that ends its host, or keeps its answers, has one of its own.</summary>
    internal DashboardHost Host()
    {
        _host!.Feed.Forget();
        _host.Desk.Forget();
        _host.Tell();
        return _host;
    }

    /// <summary>Opens a page. Its files come from the cache that all pages share; only a viewer who logs in has a context of its own.</summary>
    internal async Task<Viewer> OpenAsync(string address, int width = 1440, int height = 900, ColorScheme colors = ColorScheme.Light, bool isAlone = false)
    {
        var context = isAlone ? await _browser!.NewContextAsync(new BrowserNewContextOptions { ReducedMotion = ReducedMotion.Reduce }) : _shared!;
        context.SetDefaultTimeout(10_000);
        await context.ClearCookiesAsync();
        var page = await context.NewPageAsync();
        await page.SetViewportSizeAsync(width, height);
        await page.EmulateMediaAsync(new PageEmulateMediaOptions { ColorScheme = colors });
        var viewer = new Viewer(page, isAlone ? context : null);
        await page.GotoAsync(address);
        return viewer;
    }

    internal static string Metadata(string key) =>
        typeof(Browser).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(each => each.Key == key).Value!;
}
