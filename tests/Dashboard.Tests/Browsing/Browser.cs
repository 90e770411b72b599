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
    }

    public async Task DisposeAsync()
    {
        await (_browser?.DisposeAsync() ?? default);
        _playwright?.Dispose();
    }

    /// <summary>Opens a page for a viewer of its own.</summary>
    internal async Task<Viewer> OpenAsync(string address, int width = 1440, int height = 900, ColorScheme colors = ColorScheme.Light, IReadOnlyDictionary<string, string>? headers = null)
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            ViewportSize = new ViewportSize { Width = width, Height = height }, ColorScheme = colors, ReducedMotion = ReducedMotion.Reduce, ExtraHTTPHeaders = headers,
        });
        context.SetDefaultTimeout(10_000);
        var viewer = new Viewer(context, await context.NewPageAsync());
        await viewer.Page.GotoAsync(address);
        return viewer;
    }

    internal static string Metadata(string key) =>
        typeof(Browser).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(each => each.Key == key).Value!;
}
