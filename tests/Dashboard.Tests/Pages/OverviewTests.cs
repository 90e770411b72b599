using System.Globalization;
using Admission.Dashboard.Feed;
using Admission.Dashboard.Tests.Browsing;
using Admission.Dashboard.Tests.Scripted;
using Admission.Testing;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace Admission.Dashboard.Tests.Pages;

[Collection(BrowserTests.Name)]
public class OverviewTests(Browser browser)
{
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    [SkippableFact]
    public async Task Numbers_change_without_a_reload()
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync(host.Dashboard);
        var row = viewer.Page.Locator(".row", new() { HasText = "geocoder" });
        await Expect(row).ToBeVisibleAsync();
        await viewer.Page.EvaluateAsync("window.same = true");

        var overview = Story.Overview(Now);
        host.Feed.Show(overview with { Rows = [.. overview.Rows.Select(each => each.Id == "geocoder" ? each with { InUse = 17, Limit = 4321 } : each)] });

        await Expect(row.Locator(".use-numbers")).ToHaveTextAsync("17 / 4,321");
        (await viewer.Page.EvaluateAsync<bool>("window.same === true")).ShouldBeTrue();
        viewer.Complaints.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task Those_in_trouble_come_first_with_their_reasons_in_words()
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync(host.Dashboard);
        var names = viewer.Page.Locator(".row-link");
        await Expect(names).ToHaveCountAsync(12);
        (await names.AllInnerTextsAsync()).Take(6).ShouldBe(["search", "model-server", "checkout", "billing", "mysql-reporting", "thumbnails"]);
        await Expect(viewer.Page.Locator(".row", new() { HasText = "model-server" })).ToContainTextAsync("14 refused/s: queue full");
        (await viewer.Page.Locator(".row .condition span").AllInnerTextsAsync()).Take(3).ShouldBe(["Unreachable", "Refusing", "Failing"]);
        await Expect(viewer.Page).ToHaveTitleAsync("(5) Backends · Admission");
    }

    [SkippableFact]
    public async Task A_column_sorts_and_sorts_the_other_way_round_and_says_so()
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync(host.Dashboard);
        var names = viewer.Page.Locator(".row-link");
        var head = viewer.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Waiting" });
        await head.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(head).ToHaveAttributeAsync("aria-sort", "descending");
        await Expect(names.First).ToHaveTextAsync("model-server");
        await head.GetByRole(AriaRole.Button).ClickAsync();
        await Expect(head).ToHaveAttributeAsync("aria-sort", "ascending");
        await Expect(names.Last).ToHaveTextAsync("model-server");
    }

    [SkippableFact]
    public async Task A_search_and_only_trouble_leave_what_is_looked_for()
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync(host.Dashboard);
        var page = viewer.Page;
        var names = page.Locator(".row-link");
        await Expect(names).ToHaveCountAsync(12);
        await page.Mouse.MoveAsync(5, 5);
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("ER");
        await Expect(names).ToHaveTextAsync(["model-server", "geocoder", "mailer", "pdf-render"]);
        await Expect(page.Locator(".tools-note")).ToHaveTextAsync("4 of 12");
        await page.GetByLabel("Only in trouble").CheckAsync();
        await Expect(names).ToHaveTextAsync(["model-server"]);
        await page.GetByLabel("Search backends by name").FillAsync("nothing");
        await Expect(page.GetByText("No backend is called anything like")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Show all 12" }).ClickAsync();
        await Expect(names).ToHaveCountAsync(12);
    }

    [SkippableFact]
    public async Task Rows_do_not_change_places_under_the_pointer()
    {
        Browser.Need();
        var host = browser.Host();
        await using var viewer = await browser.OpenAsync(host.Dashboard);
        var names = viewer.Page.Locator(".row-link");
        await Expect(names).ToHaveCountAsync(12);
        await viewer.Page.Locator(".row", new() { HasText = "geocoder" }).HoverAsync();
        await Expect(viewer.Page.Locator("[data-held]")).ToBeVisibleAsync();

        var overview = Story.Overview(Now);
        host.Feed.Show(overview with { Rows = [.. overview.Rows.Select(each => each.Id == "mailer" ? each with { Trouble = 900, InUse = 99 } : each)] });
        await Expect(viewer.Page.Locator(".row", new() { HasText = "mailer" }).Locator(".use-numbers")).ToContainTextAsync("99");
        await Expect(names.First).ToHaveTextAsync("search");

        await viewer.Page.Mouse.MoveAsync(5, 5);
        await Expect(names.First).ToHaveTextAsync("mailer");
    }

    [SkippableFact]
    public async Task A_thousand_backends_are_scrolled_through_and_cost_a_bounded_number_of_bytes_a_second()
    {
        Browser.Need();
        var host = browser.Host();
        var at = Now;
        host.Feed.Show(Story.Overview(at, 1000));
        await using var viewer = await browser.OpenAsync(host.Dashboard);
        await Expect(viewer.Page.Locator(".figure").First).ToContainTextAsync("1,000");
        await Expect(viewer.Page.Locator(".row-link").First).ToHaveTextAsync("search");
        (await viewer.Page.Locator(".row-link").CountAsync()).ShouldBeInRange(10, 60);

        await viewer.Page.GetByRole(AriaRole.Button, new() { Name = "Backend", Exact = true }).ClickAsync();
        await viewer.Page.EvaluateAsync("window.scrollTo(0, document.body.scrollHeight)");
        await Expect(viewer.Page.GetByText("thumbnails")).ToBeVisibleAsync();
        await Expect(viewer.Page.GetByRole(AriaRole.Columnheader, new() { Name = "Waiting" })).ToBeInViewportAsync();
        (await viewer.Page.Locator(".row-link").CountAsync()).ShouldBeInRange(10, 60);

        // Each of them changes in each of five rounds.
        var before = viewer.Received;
        for (var round = 1; round <= 5; round++)
        {
            var overview = Story.Overview(at, 1000);
            var number = round;
            host.Feed.Show(overview with { Rows = [.. overview.Rows.Select(each => each with { InUse = number, ServedPerSecond = 1000 + number, WaitP99 = TimeSpan.FromMilliseconds(number) })] });
            await Expect(viewer.Page.Locator(".row", new() { HasText = "thumbnails" }).Locator(".use-numbers .number")).ToHaveTextAsync(number.ToString(CultureInfo.InvariantCulture));
        }

        ((viewer.Received - before) / 5).ShouldBeLessThan(40_000);
    }

    [SkippableFact]
    public async Task Two_viewers_see_the_same_and_a_page_that_is_closed_watches_no_more()
    {
        Browser.Need();
        var host = browser.Host();
        await using var one = await browser.OpenAsync(host.Dashboard);
        await using var two = await browser.OpenAsync(host.Dashboard);
        await Expect(one.Page.Locator(".row-link")).ToHaveCountAsync(12);
        await Expect(two.Page.Locator(".row-link")).ToHaveCountAsync(12);
        await Until.TrueAsync(() => host.Feed.Watchers == 2, TimeSpan.FromSeconds(5), () => $"{host.Feed.Watchers} watch.");

        host.Feed.Show(Story.Overview(Now, 9));
        await Expect(one.Page.Locator(".row-link")).ToHaveCountAsync(9);
        await Expect(two.Page.Locator(".row-link")).ToHaveCountAsync(9);

        await one.Page.GetByRole(AriaRole.Link, new() { Name = "Changes" }).ClickAsync();
        await Expect(one.Page.GetByRole(AriaRole.Heading, new() { Name = "Changes by operators" })).ToBeVisibleAsync();
        await Until.TrueAsync(() => host.Feed.Watchers == 1, TimeSpan.FromSeconds(5), () => $"{host.Feed.Watchers} watch.");
    }
}
