using System.Globalization;
using System.Text.RegularExpressions;

namespace Admission.Architecture.Tests;

public class EventIdTests
{
    private static readonly (string Folder, int From, int To)[] Ranges =
    [
        ("src/Client", 1000, 1999), ("src/Frontend", 2000, 2999), ("src/Telemetry", 2200, 2209), ("src/Security", 2211, 2229), ("src/Dashboard", 2230, 2249), ("src/Grains", 3000, 3999), ("src/Silo", 4000, 4199), ("src/Jobs", 4200, 4999), ("src/Orleans.Fallback", 9000, 9999),
    ];

    [Fact]
    public void No_two_lines_of_the_log_have_one_event_id()
    {
        var used = Found("src").GroupBy(line => line.Id).Where(lines => lines.Count() > 1);
        used.Select(lines => $"{lines.Key}: {string.Join(", ", lines.Select(line => line.Path))}").ShouldBeEmpty();
    }

    [Fact]
    public void Each_part_keeps_to_its_range()
    {
        foreach (var (folder, from, to) in Ranges)
        {
            var ids = Found(folder);
            ids.ShouldNotBeEmpty(folder);
            ids.ShouldAllBe(line => line.Id >= from && line.Id <= to);
        }
    }

    [Fact]
    public void Every_line_of_the_log_says_its_event_id_first()
    {
        foreach (var (path, text) in Repository.Sources("src"))
        {
            Regex.Count(text, @"\[LoggerMessage\(", RegexOptions.None, TimeSpan.FromSeconds(1)).ShouldBe(Ids(text).Count(), path);
        }
    }

    private static List<(int Id, string Path)> Found(string folder) =>
        [.. Repository.Sources(folder).SelectMany(file => Ids(file.Text), (file, id) => (id, Path.GetRelativePath(Repository.Root, file.Path)))];

    private static IEnumerable<int> Ids(string text) =>
        Regex.Matches(text, @"\[LoggerMessage\(\s*(?<id>\d+)\s*,", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1))
            .Select(match => int.Parse(match.Groups["id"].Value, CultureInfo.InvariantCulture));
}
