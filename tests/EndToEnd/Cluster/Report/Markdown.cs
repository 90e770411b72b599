using System.Globalization;
using System.Text;
using Admission.EndToEnd.Cluster.Faults;
using Admission.EndToEnd.Cluster.Records;

namespace Admission.EndToEnd.Cluster.Report;

/// <summary>Tells results as the tables of docs/faults.md, and one run in detail.</summary>
internal static class Markdown
{
    /// <summary>Writes a run's report and its tables.</summary>
    public static void Write(this FaultRunResult result, string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "report.md"), Detail(result));
    }

    /// <summary>The tables over several runs.</summary>
    public static string Tables(IReadOnlyList<FaultRunResult> results) => $"{Runs(results)}\n{Jobs(results)}\n{Leases(results)}\n{Backends(results)}\n{Faults(results)}";

    /// <summary>One run: its tables, its faults one by one, and what was not clean.</summary>
    public static string Detail(FaultRunResult result)
    {
        var text = new StringBuilder($"# {result.Name}, seed {result.Seed}\n\nNetwork: {result.Network}.\n\n{Tables([result])}\n");
        text.AppendLine("## Fault by fault\n");
        foreach (var each in result.Faults)
        {
            text.AppendLine(F($"- {each.Fault.Plan} ({each.Fault.Target}): without service {each.Worst:F2} s at {each.WorstBackend} ({each.During:F2} s until it was healed; the machine stood still for {each.Stall:F2} s), goodput {each.Goodput:P0}, {Troubles(each)}"));
            text.AppendLine($"  {string.Join(", ", each.WithoutService.Select(gap => F($"{gap.Key} {gap.Value.Seconds:F2} s from {Clock.Seconds(gap.Value.From - each.Fault.From):F1} s on")))}");
        }

        text.AppendLine("\n## Over the limit\n");
        foreach (var backend in result.Backends)
        {
            foreach (var excess in backend.Over.Excesses.Take(50))
            {
                text.AppendLine(F($"- {backend.Id}, {Clock.Seconds(excess.Time - result.Times.Begun):F3} s after the load began: {excess}"));
            }
        }

        text.AppendLine($"\n## Jobs\n\n{string.Join('\n', result.Jobs.Faults.Take(200).Select(fault => $"- {fault}"))}");

        text.AppendLine($"\n## Leases\n\n{string.Join('\n', result.Leases.Faults.Take(200).Select(fault => $"- {fault}"))}");

        text.AppendLine("\n## Without a clean answer, and not explained\n");
        foreach (var request in result.Unclean.Take(200))
        {
            text.AppendLine(F($"- {request.Backend} by {request.Frontend}: {request.Detail}, sent {Clock.Seconds(request.Sent - result.Times.Begun):F3} s, ended {Clock.Seconds(request.Ended - result.Times.Begun):F3} s"));
        }

        text.AppendLine($"\n## Ends\n\n{string.Join(", ", result.Service.Requests.GroupBy(request => request.End).Select(group => $"{group.Key}: {group.Count()}"))}\n");
        text.AppendLine($"Refused: {ServiceRecord.Reasons(result.Service.Requests.Where(request => request.End == RequestEnd.Refused))}\n");
        text.AppendLine($"Explained: {ServiceRecord.Reasons(result.Service.Explained())}\n");
        text.AppendLine($"Ended by themselves, with: {string.Join(", ", result.Crashes.Where(each => each.Value.Length > 0).Select(each => $"{each.Key} {string.Join(" ", each.Value)}"))}");
        return text.ToString();
    }

    private static string Runs(IReadOnlyList<FaultRunResult> results)
    {
        var text = new StringBuilder("| run | seed | minutes | faults | requests | served | goodput kept | most over the limit | without a clean answer | explained by a kill or a hang | permits leaked | the machine itself stood still, longest |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var result in results)
        {
            text.AppendLine(F($"| {result.Name} | {result.Seed} | {result.Times.Seconds / 60:F1} | {result.Faults.Count} | {result.Service.Requests.Count} | {result.Service.Requests.Count(request => request.End == RequestEnd.Served)} | {result.GoodputKept:P0} | {result.Backends.Max(backend => backend.Over.Ratio):F2} | {result.Unclean.Count} | {result.Service.Explained().Count()} | {(result.Leaks.Count == 0 ? "0" : string.Join("; ", result.Leaks))} | {result.Stalls.Select(stall => stall.Seconds).DefaultIfEmpty(0).Max():F2} s |"));
        }

        return text.ToString();
    }

    private static string Jobs(IReadOnlyList<FaultRunResult> results)
    {
        var text = new StringBuilder("| run | answered 202 | answered at once | refused | unclear to the client | results seen during faults | lost, or with two results | seen by the backend more than once | longest until the work began |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var result in results)
        {
            var jobs = result.Jobs;
            text.AppendLine(F($"| {result.Name} | {jobs.Accepted} | {jobs.Served} | {jobs.Refused} | {jobs.Unclear} | {jobs.Seen} | {jobs.Faults.Count} | {jobs.Repeated} | {jobs.Longest:F1} s |"));
        }

        return text.ToString();
    }

    private static string Leases(IReadOnlyList<FaultRunResult> results)
    {
        var text = new StringBuilder("| run | holders killed | holders stopped | leases granted | renewals | renewed after the death of the gateway that granted them | sessions | most at once over the limit | all in use for | writes | stale writes refused | longest until the next lease wrote | leases that ended in use | late answers (410) | not as promised |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var result in results)
        {
            var leases = result.Leases;
            text.AppendLine(F($"| {result.Name} | {leases.Kills} | {leases.Hangs} | {leases.Granted} | {leases.Renewals} | {leases.Moved} | {leases.Sessions} | {leases.Ratio:F2} | {leases.ShareFull:P0} of the time | {leases.Writes} | {leases.Stale} | {leases.LongestPause:F1} s | {leases.Lost} | {leases.Late} | {leases.Faults.Count} |"));
        }

        return text.ToString();
    }

    private static string Backends(IReadOnlyList<FaultRunResult> results)
    {
        var text = new StringBuilder("| backend | requests started | most at once | over the limit | longest time without service in quiet |\n| --- | --- | --- | --- | --- |\n");
        foreach (var group in results.SelectMany(result => result.Backends).GroupBy(backend => backend.Id))
        {
            text.AppendLine(F($"| {group.Key} | {group.Sum(each => each.Over.Starts)} | {group.Max(each => each.Over.Greatest)} | {group.Max(each => each.Over.Ratio):F2} | {group.Max(each => each.QuietGap):F2} s |"));
        }

        return text.ToString();
    }

    private static string Faults(IReadOnlyList<FaultRunResult> results)
    {
        var text = new StringBuilder("| fault | count | without service, median | most | goodput kept, median | least | without a clean answer | explained | refused for another reason than capacity |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
        foreach (var group in results.SelectMany(result => result.Faults).GroupBy(each => each.Fault.Plan.Kind).OrderBy(group => group.Key))
        {
            var (gaps, shares) = (group.Select(each => each.Worst).Order().ToArray(), group.Select(each => each.Goodput).Order().ToArray());
            text.AppendLine(F($"| {Words(group.Key)} | {group.Count()} | {gaps[gaps.Length / 2]:F1} s | {gaps[^1]:F1} s | {shares[shares.Length / 2]:P0} | {shares[0]:P0} | {group.Sum(each => each.Unclean)} | {group.Sum(each => each.Explained)} | {group.Sum(each => each.Troubles.Count)} |"));
        }

        return text.ToString();
    }

    private static string Troubles(FaultFigures figures) =>
        figures.Troubles.Count == 0 ? "nobody refused for another reason than capacity" : $"refused for {ServiceRecord.Reasons(figures.Troubles)}";

    // "KillSilo" is "kill silo".
    private static string Words(FaultKind kind) => string.Concat($"{kind}".Select((letter, index) => char.IsUpper(letter) ? (index > 0 ? " " : "") + char.ToLowerInvariant(letter) : $"{letter}"));

    private static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
