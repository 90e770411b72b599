using Admission.Client;
using Admission.Client.Telemetry;
using Admission.Telemetry.Tests.Support;

namespace Admission.Telemetry.Tests;

/// <summary>docs/telemetry.md says what the code does.</summary>
public sealed class DocumentTests
{
    private static readonly string[][] Rows = [.. File.ReadLines(Repository.PathOf("docs/telemetry.md"))
        .Where(line => line.StartsWith("| `admission.", StringComparison.Ordinal))
        .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim().Trim('`')).ToArray())
        .Where(cells => cells.Length == 6)];

    [Fact]
    public void Each_instrument_has_a_row_with_its_type_and_unit()
    {
        Instruments.All.Count.ShouldBeGreaterThan(25);
        Rows.Select(row => (row[0], row[1], row[2])).ShouldBe(Instruments.All.Select(instrument => (instrument.Name, instrument.Type, instrument.Unit)), ignoreOrder: true);
    }

    [Fact]
    public void Each_row_says_what_it_means_and_names_only_attributes_of_few_values()
    {
        string[] known = ["backend", "outcome", "reason", "priority", "state", "destination", "medium"];
        foreach (var row in Rows)
        {
            row[4].Length.ShouldBeGreaterThan(10, row[0]);
            row[3].Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).ShouldBeSubsetOf(known, row[0]);
        }
    }

    [Fact]
    public void The_names_that_programs_listen_to_are_those_of_the_instruments()
    {
        AdmissionTelemetry.Meters.ShouldBe("Admission.*");
        ClientMetrics.MeterName.ShouldStartWith("Admission.");
        Instruments.All.ShouldAllBe(instrument => instrument.Name.StartsWith("admission.", StringComparison.Ordinal) && instrument.Name == instrument.Name.ToLowerInvariant());
    }
}
