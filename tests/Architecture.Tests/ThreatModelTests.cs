using System.Text.RegularExpressions;

namespace Admission.Architecture.Tests;

/// <summary>docs/security.md says what holds against whom; each line names the tests that would fail if it did not.</summary>
public class ThreatModelTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public void Every_line_of_the_threat_model_has_a_test_that_exists()
    {
        var files = Repository.Sources("tests").Select(file => file.Text).ToList();
        var missing = new List<string>();
        var lines = Threats().ToList();
        lines.Count.ShouldBeGreaterThan(25);
        foreach (var line in lines)
        {
            var tests = Regex.Matches(line[line.TrimEnd(' ', '|').LastIndexOf('|')..], @"`(?<class>\w+Tests)\.(?<method>\w+)`", RegexOptions.ExplicitCapture, Patience);
            if (tests.Count == 0)
            {
                missing.Add($"no test: {line}");
            }

            missing.AddRange(tests.Where(test => !Exists(files, test.Groups["class"].Value, test.Groups["method"].Value)).Select(test => test.Value));
        }

        missing.ShouldBeEmpty();
    }

    // The rows of the tables under the heading, without their heads.
    private static IEnumerable<string> Threats()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "docs", "security.md")).ReplaceLineEndings("\n");
        var model = text[text.IndexOf("\n## Threat model\n", StringComparison.Ordinal)..];
        return model.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !line.StartsWith("| threat |", StringComparison.Ordinal) && !line.StartsWith("| ---", StringComparison.Ordinal));
    }

    private static bool Exists(IEnumerable<string> files, string type, string method) => files.Any(text =>
        Regex.IsMatch(text, $@"class {type}\b", RegexOptions.None, Patience)
        && Regex.IsMatch(text, $@"\[(Fact|Theory|SkippableFact|SkippableTheory)[\](](?:(?!\[(?:Fact|Theory)).){{0,2000}}? {method}\(", RegexOptions.Singleline | RegexOptions.ExplicitCapture, Patience));
}
