using Admission.Dashboard.Tests.Browsing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Admission.Dashboard.Tests.Pages;

/// <summary>Every page, narrow and wide, light and dark: nothing scrolls sideways, everything has a name, every text can be read.</summary>
[Collection(BrowserTests.Name)]
public class AccessibilityTests(Browser browser)
{
    private static readonly string Checks = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "checks.js"));

    /// <summary>The pages, and what is there when they are.</summary>
    private static readonly (string Path, string Ready)[] Pages =
    [
        ("", ".row-link"), ("backends/model-server", ".decisions"), ("backends/search", ".notice-box.bad"), ("jobs", "table.jobs"), ("jobs/job-02-4f6c1d2a", ".facts"), ("cluster", ".faults"), ("changes", ".changes"),
        ("nothing/here", "h1"),
    ];

    [SkippableTheory]
    [InlineData(375, 812, ColorScheme.Light)]
    [InlineData(1920, 1080, ColorScheme.Dark)]
    public async Task Every_page_can_be_read_and_used(int width, int height, ColorScheme colors)
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync(host.Dashboard, width, height, colors);
        foreach (var (path, ready) in Pages)
        {
            await viewer.Page.GotoAsync(host.Dashboard + path);
            await Expect(viewer.Page.Locator(ready).First).ToBeVisibleAsync();
            (await viewer.OverflowAsync()).ShouldBeLessThanOrEqualTo(0, $"{path} scrolls sideways at {width}.");
            (await viewer.Page.EvaluateAsync<string[]>(Checks)).ShouldBeEmpty($"{path} at {width}, {colors}");

            // The other colours, on the same page.
            await viewer.Page.Locator($"[data-themes] input[value={(colors == ColorScheme.Light ? "dark" : "light")}]").CheckAsync();
            (await viewer.Page.EvaluateAsync<string[]>(Checks)).ShouldBeEmpty($"{path} at {width}, not {colors}");
            await viewer.Page.Locator("[data-themes] input[value='']").CheckAsync();
        }

        viewer.Requested.ShouldAllBe(address => address.StartsWith(host.Dashboard, StringComparison.Ordinal) || address.StartsWith(host.Dashboard.Replace("http", "ws"), StringComparison.Ordinal));
    }

    [SkippableFact]
    public async Task A_dialog_can_be_read_in_both_colours()
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync($"{host.Dashboard}backends/model-server", 375, 812, ColorScheme.Dark);
        await viewer.Page.GetByRole(AriaRole.Button, new() { Name = "Pause…" }).ClickAsync();
        await Expect(viewer.Page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        (await viewer.Page.EvaluateAsync<string[]>(Checks)).ShouldBeEmpty();
        (await viewer.OverflowAsync()).ShouldBeLessThanOrEqualTo(0);
        await viewer.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        (await viewer.Page.EvaluateAsync<string[]>(Checks)).ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Colours_that_were_chosen_stay_and_are_there_with_the_first_byte()
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync(host.Dashboard);
        await viewer.Page.Locator("[data-themes] input[value=dark]").CheckAsync();
        var background = await viewer.Page.EvaluateAsync<string>("getComputedStyle(document.body).backgroundColor");
        background.ShouldBe("rgb(13, 16, 21)");
        var answer = await viewer.Page.ReloadAsync();
        (await answer!.TextAsync()).ShouldContain("data-theme=\"dark\"");
        await Expect(viewer.Page.Locator("[data-themes] input[value=dark]")).ToBeCheckedAsync();
    }

    [SkippableFact]
    public async Task With_the_keyboard_alone_one_gets_to_a_backend_and_changes_it()
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync(host.Dashboard);
        var page = viewer.Page;
        await Expect(page.Locator(".row-link")).ToHaveCountAsync(12);

        // The heading has the focus when a page has come up; the first thing of the document is the way past the head.
        await page.EvaluateAsync("document.activeElement.blur()");
        await page.EvaluateAsync("window.getSelection().removeAllRanges()");
        await page.Locator(".skip").FocusAsync();
        await Expect(page.Locator(".skip")).ToBeInViewportAsync();
        await page.Keyboard.PressAsync("/");
        await Expect(page.GetByLabel("Search backends by name")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("model");
        await Expect(page.Locator(".row-link")).ToHaveCountAsync(1);
        for (var press = 0; press < 12 && !await page.EvaluateAsync<bool>("document.activeElement.matches('.row-link')"); press++)
        {
            await page.Keyboard.PressAsync("Tab");
        }

        (await page.EvaluateAsync<string>("getComputedStyle(document.activeElement, '::after').outlineStyle")).ShouldBe("solid");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("model-server");
        await Expect(page.Locator("h1")).ToBeFocusedAsync();

        var limit = page.GetByLabel("Limit", new() { Exact = true });
        await limit.FocusAsync();
        await page.Keyboard.PressAsync("ControlOrMeta+a");
        await page.Keyboard.TypeAsync("5");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("The limit is 5 now.")).ToBeVisibleAsync();
        await Expect(limit).ToBeFocusedAsync();
        host.Desk.Asked.Count.ShouldBe(1);
    }
}
