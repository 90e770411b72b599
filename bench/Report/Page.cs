namespace Admission.Bench.Report;

/// <summary>The places in docs/performance.md that belong to the parts; everything between them is written by people.</summary>
internal static class Page
{
    /// <summary>Replaces what stands between a part's two marks.</summary>
    public static string Replace(string page, string part, string content)
    {
        var (begin, end) = ($"<!-- bench:{part} -->", $"<!-- /bench:{part} -->");
        var from = page.IndexOf(begin, StringComparison.Ordinal);
        var to = page.IndexOf(end, StringComparison.Ordinal);
        return from >= 0 && to > from
            ? string.Concat(page.AsSpan(0, from + begin.Length), "\n", content, page.AsSpan(to))
            : throw new InvalidDataException($"docs/performance.md has no place for {part}: put the lines '{begin}' and '{end}' where its tables belong.");
    }
}
