using Admission.Dashboard.Feed;
using Admission.Dashboard.Tests.Browsing;
using Admission.Dashboard.Tests.Scripted;
using Admission.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Admission.Dashboard.Tests.Pages;

/// <summary>What a page shows when there is nothing, not yet anything, or something is wrong.</summary>
[Collection(BrowserTests.Name)]
public class StateTests(Browser browser)
{
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [SkippableFact]
    public async Task Before_anything_is_known_a_page_says_what_it_waits_for_and_then_that_there_is_nothing()
    {
        Browser.Need();
        var host = browser.Host();
        host.Feed.Forget();
        await using var viewer = await browser.OpenAsync(host.Dashboard);
        await Expect(viewer.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "Asking the backends' ledgers" })).ToBeAttachedAsync();
        host.Feed.Show(new Overview(Now, [], 0, TimeSpan.Zero, null));
        await Expect(viewer.Page.GetByText("No backends yet")).ToBeVisibleAsync();

        host.Feed.Show(Story.Overview(Now.AddSeconds(-40)) with { Problem = "The table cannot be read." });
        await Expect(viewer.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The table cannot be read.");
        await Expect(viewer.Page.Locator(".live")).ToContainTextAsync("As of");
    }

    [SkippableFact]
    public async Task A_backend_that_does_not_answer_is_shown_as_it_was_and_one_that_is_not_there_is_said_not_to_be()
    {
        Browser.Need();
        var host = browser.Host();
        host.Feed.Show(new BackendPage { At = Now, Row = new BackendRow { Id = "gone", Status = "asking" }, IsUnknown = true });
        await using var viewer = await browser.OpenAsync($"{host.Dashboard}backends/search");
        await Expect(viewer.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("The ledger has not answered for 3");
        await Expect(viewer.Page.Locator(".figure").First).ToContainTextAsync("/ 18");

        await viewer.Page.GotoAsync($"{host.Dashboard}backends/gone");
        await Expect(viewer.Page.GetByText("No backend is called “gone”")).ToBeVisibleAsync();
    }

    [SkippableFact]
    public async Task One_viewer_too_many_is_told_so()
    {
        Browser.Need();
        var host = browser.Host();
        host.Feed.IsFull = true;
        await using var viewer = await browser.OpenAsync(host.Dashboard);
        await Expect(viewer.Page.GetByText("Too many viewers")).ToBeVisibleAsync();
        await viewer.Page.GotoAsync($"{host.Dashboard}backends/search");
        await Expect(viewer.Page.GetByText("Too many viewers")).ToBeVisibleAsync();
    }

    [SkippableFact]
    public async Task A_lost_connection_is_said_and_the_page_comes_back_by_itself_when_the_process_does()
    {
        Browser.Need();
        await using var host = await DashboardHost.StartAsync();
        host.Tell();
        var port = new Uri(host.Address).Port;
        await using var viewer = await browser.OpenAsync(host.Dashboard);
        await Expect(viewer.Page.Locator(".row-link")).ToHaveCountAsync(12);
        await host.DisposeAsync();

        var dialog = viewer.Page.GetByRole(AriaRole.Alertdialog);
        await Expect(dialog).ToBeVisibleAsync();
        await Expect(dialog).ToHaveAccessibleNameAsync("Connection lost");
        await Expect(dialog).ToContainTextAsync("The numbers are from");

        // They can still be read.
        await Expect(viewer.Page.Locator(".row-link").First).ToBeVisibleAsync();

        await using var second = await DashboardHost.StartAsync(port);
        second.Feed.Show(Story.Overview(Now, 3));
        await Expect(viewer.Page.Locator(".row-link")).ToHaveCountAsync(3, new() { Timeout = 20_000 });
        await Expect(dialog).ToBeHiddenAsync();
    }

    [SkippableFact]
    public async Task A_ledger_that_has_just_begun_has_no_line_yet_and_then_a_short_one()
    {
        Browser.Need();
        var host = browser.Host();
        var page = Story.Page(Now);
        host.Feed.Show(page with { Row = page.Row with { Line = [] } });
        await using var viewer = await browser.OpenAsync($"{host.Dashboard}backends/model-server");
        await Expect(viewer.Page.GetByText("The first point comes within five seconds")).ToBeVisibleAsync();
        host.Feed.Show(page with { Row = page.Row with { Line = [page.Row.Line[0]] } });
        await Expect(viewer.Page.Locator(".rz-chart")).ToHaveCountAsync(2);
        await Expect(viewer.Page.Locator("h1")).ToHaveTextAsync("model-server");
        viewer.Complaints.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Charts_are_drawn_and_say_in_words_what_they_show()
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync($"{host.Dashboard}backends/model-server");
        var charts = viewer.Page.Locator(".rz-chart");
        await Expect(charts).ToHaveCountAsync(2);
        await Expect(charts.First).ToHaveAttributeAsync("aria-label", "In use and limit over the last 15 minutes: at most 4 in use, limit 4 now");
        await Expect(charts.First.Locator(".rz-area-series path").First).ToBeAttachedAsync();
        await Expect(charts.Last.Locator(".rz-line-series path").First).ToBeAttachedAsync();
        viewer.Complaints.ShouldBeEmpty();
    }
}
