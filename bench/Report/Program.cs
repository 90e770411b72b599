// Report PART...: takes artifacts/bench/PART.json of each part named into docs/performance.md and docs/images/bench-*.svg.
using Admission.Bench;
using Admission.Bench.Report;

var page = Path.Combine(Repository.Root, "docs/performance.md");
var images = Path.Combine(Repository.Root, "docs/images");
var text = await File.ReadAllTextAsync(page);
foreach (var part in args)
{
    var result = PartResult.Read(Path.Combine(Repository.Results, part + ".json"));
    text = Page.Replace(text, part, Markdown.Of(result));
    foreach (var plot in result.Plots)
    {
        await File.WriteAllTextAsync(Path.Combine(images, Markdown.ImageOf(plot)), Svg.Of(plot));
    }
}

await File.WriteAllTextAsync(page, text);
