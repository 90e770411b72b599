using Admission.Dashboard.Components.Jobs;
using Admission.Dashboard.Feed;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace Admission.Dashboard.Tests.Pages;

public class JobTableTests
{
    private const string Id = "0002ebc18bf392730480d47f3e0e7eec";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Only_an_operator_gets_the_whole_id(bool mayOpen)
    {
        var now = new DateTimeOffset(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);
        var page = new JobsPage([new JobRow(Id, "model", null, "done", now, null, now, now, 1, 200)], null, null);
        await using var services = new ServiceCollection().AddSingleton(TimeProvider.System).BuildServiceProvider();
        await using var renderer = new HtmlRenderer(services, NullLoggerFactory.Instance);
        var html = await renderer.Dispatcher.InvokeAsync(async () =>
        {
            var parameters = ParameterView.FromDictionary(new Dictionary<string, object?>(StringComparer.Ordinal) { ["Page"] = page, ["Now"] = now, ["MayOpen"] = mayOpen });
            return (await renderer.RenderComponentAsync<JobTable>(parameters)).ToHtmlString();
        });
        html.Contains(Id, StringComparison.Ordinal).ShouldBe(mayOpen);
        html.ShouldContain(Id[..8]);
    }
}
