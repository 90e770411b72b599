using Admission.Dashboard.Feed;
using Admission.Dashboard.Tests.Browsing;
using Admission.Dashboard.Tests.Scripted;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Admission.Dashboard.Tests.Pages;

[Collection(BrowserTests.Name)]
public class OperateTests(Browser browser)
{
    private const string Backend = "model-server";

    [SkippableFact]
    public async Task A_change_is_confirmed_from_what_to_what_and_made_at_the_version_that_was_seen()
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync($"{host.Dashboard}backends/{Backend}");
        var dialog = await AskForLimitAsync(viewer.Page, "3");
        await Expect(dialog.GetByRole(AriaRole.Heading)).ToHaveTextAsync("Change the limit of model-server?");
        await Expect(dialog.Locator(".from-to dt")).ToHaveTextAsync("Limit");
        await Expect(dialog.Locator(".from-to dd")).ToHaveTextAsync("6→ to 3");
        await Expect(dialog).ToContainTextAsync("Nothing new is admitted until fewer than 3 are.");
        await Expect(dialog).ToContainTextAsync("somebody on this machine");
        host.Desk.Asked.ShouldBeEmpty();

        await dialog.GetByRole(AriaRole.Button, new() { Name = "Change to 3" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await Expect(viewer.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "The limit is 3 now." })).ToBeVisibleAsync();
        host.Desk.Asked.ShouldBe([("change", Backend, "somebody on this machine", 7L)]);
    }

    [SkippableFact]
    public async Task What_is_asked_right_after_a_change_is_asked_about_the_new_policy()
    {
        Browser.Need();
        var host = browser.Host();
        host.Desk.Answer = new ChangeAnswer(ChangeOutcome.Changed, 8, []);
        await using var viewer = await browser.OpenAsync($"{host.Dashboard}backends/{Backend}");
        var dialog = await AskForLimitAsync(viewer.Page, "3");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Change to 3" }).ClickAsync();
        await Expect(viewer.Page.GetByText("The limit is 3 now.")).ToBeVisibleAsync();

        await viewer.Page.GetByRole(AriaRole.Button, new() { Name = "Pause…" }).ClickAsync();
        await Expect(viewer.Page.GetByText("The limit is 3 now.")).ToHaveCountAsync(0);
        await Expect(dialog).ToHaveCountAsync(0);
        var page = Story.Page(TimeProvider.System.GetUtcNow());
        host.Feed.Show(page with { Policy = page.Policy! with { Version = 8 } });
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Pause", Exact = true }).ClickAsync();
        await Expect(dialog).ToHaveCountAsync(0);
        host.Desk.Asked.Select(asked => asked.Version).ShouldBe([7L, 8L]);
    }

    [SkippableFact]
    public async Task Escape_leaves_everything_as_it_is_and_gives_the_focus_back()
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync($"{host.Dashboard}backends/{Backend}");
        var pause = viewer.Page.GetByRole(AriaRole.Button, new() { Name = "Pause…" });
        await pause.FocusAsync();
        await viewer.Page.Keyboard.PressAsync("Enter");
        var dialog = viewer.Page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.Locator(".from-to dd")).ToHaveTextAsync("granting→ to paused");

        // What a hasty Enter would do is nothing.
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Cancel" })).ToBeFocusedAsync();
        await viewer.Page.Keyboard.PressAsync("Escape");
        await Expect(dialog).ToBeHiddenAsync();
        await Expect(pause).ToBeFocusedAsync();

        // It can be asked for again.
        await viewer.Page.Keyboard.PressAsync("Enter");
        await Expect(dialog).ToBeVisibleAsync();
        host.Desk.Asked.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task A_conflict_and_all_reasons_of_a_refusal_are_told_in_the_dialog()
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync($"{host.Dashboard}backends/{Backend}");
        host.Desk.Answer = new ChangeAnswer(ChangeOutcome.Conflict, 8, []);
        var dialog = await AskForLimitAsync(viewer.Page, "3");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Change to 3" }).ClickAsync();
        await Expect(dialog).ToContainTextAsync("somebody else was faster");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();

        host.Desk.Answer = new ChangeAnswer(ChangeOutcome.Refused, 8, ["limit: this is wrong.", "queueCapacity: and this."]);
        dialog = await AskForLimitAsync(viewer.Page, "2");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Change to 2" }).ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Alert).GetByRole(AriaRole.Listitem)).ToHaveTextAsync(["limit: this is wrong.", "queueCapacity: and this."]);
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Change to 2" })).ToHaveCountAsync(0);
    }

    [SkippableFact]
    public async Task What_cannot_be_is_said_before_it_is_asked()
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync($"{host.Dashboard}backends/{Backend}");
        var page = viewer.Page;
        await page.GetByLabel("Limit", new() { Exact = true }).FillAsync("-4");
        await page.Locator("form", new() { HasText = "Limit" }).First.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToHaveTextAsync("Give a whole number from 0 to 1,000,000.");

        await page.GetByLabel("critical").FillAsync("90");
        await page.Locator(".operate-shares").GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Locator(".operate-shares").GetByRole(AriaRole.Alert)).ToHaveTextAsync("Together they are 115 %. At most 100 % can be guaranteed.");
        host.Desk.Asked.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Shares_are_changed_together_and_a_destination_is_drained()
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync($"{host.Dashboard}backends/{Backend}");
        var page = viewer.Page;
        var dialog = page.GetByRole(AriaRole.Dialog);
        await page.GetByLabel("critical").FillAsync("30");
        await page.Locator(".operate-shares").GetByRole(AriaRole.Button).ClickAsync();
        await Expect(dialog.Locator(".from-to dt")).ToHaveTextAsync("critical");
        await Expect(dialog.Locator(".from-to dd")).ToHaveTextAsync("0 %→ to 30 %");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Change the shares" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Drain gpu-a" }).ClickAsync();
        await Expect(dialog).ToContainTextAsync("The 2 requests that run there go on to their end. The limit of model-server is 2 meanwhile.");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Drain", Exact = true }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        host.Desk.Asked.Count.ShouldBe(2);
    }

    [SkippableFact]
    public async Task A_job_is_found_and_retried_after_a_confirmation()
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync($"{host.Dashboard}jobs");
        var page = viewer.Page;
        var rows = page.Locator("table.jobs tbody tr");
        await Expect(rows).ToHaveCountAsync(50);
        await page.GetByRole(AriaRole.Button, new() { Name = "Older" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(20);
        await page.GetByRole(AriaRole.Button, new() { Name = "Dead letter" }).ClickAsync();
        await Expect(rows).ToHaveCountAsync(12);
        await page.GetByRole(AriaRole.Link, new() { Name = "job-02-4f6c1d2a" }).ClickAsync();
        await Expect(page.Locator("h1")).ToHaveTextAsync("job-02-4f6c1d2a");
        await Expect(page.GetByText("timed out after 30 s")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Retry…" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog.Locator(".from-to dd").First).ToHaveTextAsync("dead→ to queued");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Retry", Exact = true }).ClickAsync();
        await Expect(page.GetByText("The job is queued again.")).ToBeVisibleAsync();
        host.Desk.Asked.ShouldBe([("retry", "job-02-4f6c1d2a", "somebody on this machine", 0L)]);
    }

    private static async Task<ILocator> AskForLimitAsync(IPage page, string limit)
    {
        // Nothing outside of a dialog that is still closing gets the keyboard.
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToBeHiddenAsync();
        await page.GetByLabel("Limit", new() { Exact = true }).FillAsync(limit);
        await page.Keyboard.PressAsync("Enter");
        return dialog;
    }
}
