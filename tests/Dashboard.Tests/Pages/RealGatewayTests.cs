using System.Text.RegularExpressions;
using Admission.Dashboard.Tests.Browsing;
using Admission.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Admission.Dashboard.Tests.Pages;

/// <summary>The dashboard of a real gateway under load: what is there is what the admin API says, and what is done there has its effect.</summary>
[Collection(BrowserTests.Name)]
public class RealGatewayTests(Browser browser)
{
    [SkippableFact]
    public async Task An_operator_sees_the_load_changes_the_queue_and_sees_the_effect_and_a_viewer_may_only_look()
    {
        Browser.Need();
        await using var gateway = await RealGateway.StartAsync();
        gateway.Load(clients: 8);

        // Whoever is not logged in is sent to the login, and then back.
        await using var ada = await browser.OpenAsync($"{gateway.Dashboard}backends/sample", isAlone: true);
        await LogInAsync(ada.Page, RealGateway.OperatorKey);
        var page = ada.Page;
        await Expect(page.Locator(".figure", new() { HasText = "In use" }).Locator(".number")).ToHaveTextAsync("2");
        await Expect(page.Locator(".figure", new() { HasText = "Waiting" }).Locator(".number")).ToHaveTextAsync(new Regex("^[4-6]$", RegexOptions.None, TimeSpan.FromSeconds(1)));

        await page.GetByLabel("Places in the queue").FillAsync("3");
        await page.Keyboard.PressAsync("Enter");
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.Locator(".from-to dd")).ToHaveTextAsync("100→ to 3");
        await Expect(dialog).ToContainTextAsync("as done by ada");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Change to 3 places" }).ClickAsync();
        await Expect(page.GetByText("The queue has 3 places now.")).ToBeVisibleAsync();
        (await gateway.PolicyAsync()).GetProperty("queueCapacity").GetInt32().ShouldBe(3);

        // Three of eight find no place any more, and the overview says so within its window.
        await page.GetByRole(AriaRole.Link, new() { Name = "Backends", Exact = true }).First.ClickAsync();
        await Expect(page.Locator(".row .condition", new() { HasText = "Refusing" })).ToBeVisibleAsync(new() { Timeout = 20_000 });

        await page.GetByRole(AriaRole.Link, new() { Name = "Changes" }).ClickAsync();
        await Expect(page.Locator(".changes li").First).ToContainTextAsync("ada");
        await Expect(page.Locator(".changes li").First).ToContainTextAsync("queueCapacity");

        await using var vic = await browser.OpenAsync($"{gateway.Dashboard}backends/sample", isAlone: true);
        await LogInAsync(vic.Page, RealGateway.ViewerKey);
        await Expect(vic.Page.GetByText("Your role is viewer")).ToBeVisibleAsync();
        await Expect(vic.Page.GetByRole(AriaRole.Button, new() { Name = "Pause…" })).ToBeDisabledAsync();
        await Expect(vic.Page.GetByLabel("Limit", new() { Exact = true })).ToBeDisabledAsync();

        // What the page disables is no defence: whoever enables it by hand is refused by the process.
        await vic.Page.EvaluateAsync("document.querySelectorAll(':disabled').forEach(each => { each.disabled = false; })");
        await vic.Page.GetByRole(AriaRole.Button, new() { Name = "Pause…" }).ClickAsync();
        await vic.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Pause", Exact = true }).ClickAsync();
        await Expect(vic.Page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Your role is not operator");
        (await gateway.PolicyAsync()).GetProperty("paused").GetBoolean().ShouldBeFalse();
        vic.Complaints.ShouldBeEmpty();
        ada.Complaints.ShouldBeEmpty();

        // Nothing outside /admission is the dashboard's.
        foreach (var path in (string[])["/", "/_framework/blazor.web.js", "/_blazor", "/_content/Radzen.Blazor/Radzen.Blazor.js", "/assets/dashboard.css"])
        {
            (await gateway.GetAsync(path)).ShouldNotContain("Blazor", customMessage: path);
        }
    }

    private static async Task LogInAsync(IPage page, string key)
    {
        await Expect(page).ToHaveURLAsync(new Regex("/admission/login", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await page.Locator("input[type=password]").FillAsync(key);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.Locator("h1")).ToHaveTextAsync("sample");
    }
}
