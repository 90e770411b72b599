using System.Text;

namespace Admission.Bench.Report;

/// <summary>A part's result as it stands in docs/performance.md.</summary>
internal static class Markdown
{
    private const int LeastRounds = 3;

    public static string ImageOf(ResultPlot plot) => $"bench-{plot.File}.svg";

    public static string Of(PartResult result)
    {
        var text = new StringBuilder();
        var isFirstLook = result.Rounds < LeastRounds;
        if (isFirstLook)
        {
            text.Append("Fewer than three rounds: a first look, by which no goal is judged.\n\n");
        }

        foreach (var goal in result.Goals)
        {
            text.Append($"- {(isFirstLook ? "Goal" : goal.Met ? "Met" : "**Not met**")}: {goal.Goal} Found: {goal.Found}\n");
        }

        foreach (var table in result.Tables)
        {
            text.Append($"\n**{table.Title}**\n\n").Append(Row(table.Columns)).Append(Row(table.Columns.Select(_ => "---")));
            foreach (var row in table.Rows)
            {
                text.Append(Row(row));
            }
        }

        foreach (var note in result.Notes)
        {
            text.Append($"\n{note}\n");
        }

        foreach (var plot in result.Plots)
        {
            text.Append($"\n![{plot.Title}](images/{ImageOf(plot)})\n");
        }

        return text.Append($"\n`bench/run {result.Part}`. {result.Settings} {result.Machine}.\n").ToString().TrimStart('\n');
    }

    private static string Row(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |\n";
}
