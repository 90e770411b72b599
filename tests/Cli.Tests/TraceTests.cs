using System.Text;
using Admission.Trace;

namespace Admission.Cli.Tests;

public sealed class TraceTests
{
    private const string Header = """{"format":"admission-arrivals","version":1,"started":"2026-11-21T13:30:00Z"}""";

    [Fact]
    public void Reads_what_was_written()
    {
        Arrival[] arrivals =
        [
            new()
            {
                At = TimeSpan.Zero, Backend = "model", Tenant = "a \"b\"", Priority = 3, Weight = 2, Outcome = ArrivalOutcome.Served,
                Waited = TimeSpan.FromMicroseconds(1234.6), Service = TimeSpan.FromMilliseconds(50.3), Deadline = TimeSpan.FromSeconds(2),
            },
            new() { At = TimeSpan.FromMilliseconds(20), Backend = "model", Priority = 10, Weight = 1, Outcome = ArrivalOutcome.Left, Waited = TimeSpan.FromSeconds(0.2) },
            new() { At = TimeSpan.FromMilliseconds(30), Backend = "other", Priority = 10, Weight = 1, Outcome = ArrivalOutcome.Refused },
        ];
        using var writer = new TraceWriter();
        var text = Encoding.UTF8.GetString(writer.Header(new DateTimeOffset(2026, 11, 21, 13, 30, 0, TimeSpan.Zero)).Span);
        foreach (var arrival in arrivals)
        {
            text += Encoding.UTF8.GetString(writer.Line(arrival).Span);
        }

        text.Split('\n')[2].ShouldBe("""{"at":0.02,"backend":"model","priority":10,"weight":1,"outcome":"left","waited":0.2}""");
        Read(text, out var errors).ShouldBe([arrivals[0] with { Waited = TimeSpan.FromMicroseconds(1235) }, arrivals[1], arrivals[2]]);
        errors.ShouldBeEmpty();
    }

    [Fact]
    public void Orders_lines_by_time_and_joins_files_by_their_headers()
    {
        var read = Read(
            $$"""
            {{Header}}
            {"at":5,"backend":"m","service":1}
            {"at":3,"backend":"m","service":2}
            {"format":"admission-arrivals","version":1,"started":"2026-11-21T13:30:02Z"}
            {"at":2,"backend":"m","service":3}
            """,
            out var errors);
        errors.ShouldBeEmpty();
        read.Select(arrival => (arrival.At.TotalSeconds, arrival.Service!.Value.TotalSeconds)).ShouldBe([(0, 2), (1, 3), (2, 1)]);
    }

    [Fact]
    public void Tells_every_bad_line_by_its_number()
    {
        Read(
            $$"""
            {{Header}}
            {"at":1,"backend":"m","service":1}
            nonsense
            {"backend":"m","service":1}
            {"at":-1,"backend":"m","service":1}
            {"at":1,"backend":"m"}
            {"at":1,"backend":"m","service":1,"priority":100}
            {"at":1,"backend":"m","service":1,"outcome":"lost"}
            {"at":1,"backend":"","service":1}
            """,
            out var errors);
        errors.ShouldBe(
        [
            "line 3: 'nonsense' is not a JSON object. Each line is one, from { to }.",
            "line 4: at is missing.",
            "line 5: at is -1. Give seconds from 0 to 31622400.",
            "line 6: service is missing. A request that was served says for how many seconds; one that was not says \"outcome\":\"refused\" or \"left\".",
            "line 7: priority is 100. Give a whole number from 0 to 99.",
            "line 8: outcome is 'lost'. Give served or refused or left.",
            "line 9: backend is \"\". Give a text of 1 to 1000 characters.",
        ]);
    }

    [Fact]
    public void Wants_a_header_that_it_knows()
    {
        Read("""{"at":1,"backend":"m","service":1}""", out var errors);
        errors.ShouldHaveSingleItem().ShouldStartWith("line 1: there is no header line before it.");
        Read("""{"format":"admission-arrivals","version":2,"started":"2026-11-21T13:30:00Z"}""", out errors);
        errors[0].ShouldBe("line 1: version is 2; this program reads 1.");
        Read("", out errors);
        errors.ShouldBe(["the file has no request."]);
    }

    [Fact]
    public void Stops_at_twenty_mistakes()
    {
        Read(string.Join('\n', Enumerable.Repeat("x", 100)), out var errors);
        errors.Count.ShouldBe(21);
        errors[20].ShouldBe("line 20: 20 mistakes are enough; the rest of the file was not read.");
    }

    [Fact]
    public void What_a_recording_does_not_show_is_drawn()
    {
        Arrival[] recorded =
        [
            new() { Backend = "M", Weight = 1, Outcome = ArrivalOutcome.Served, Service = TimeSpan.FromSeconds(1), Waited = TimeSpan.FromSeconds(3) },
            new() { Backend = "m", Weight = 1, Outcome = ArrivalOutcome.Left, Waited = TimeSpan.FromSeconds(2) },
            new() { Backend = "other", Weight = 1, Outcome = ArrivalOutcome.Refused },
        ];
        var offered = TraceLoad.Arrivals(recorded, "m", TimeSpan.FromSeconds(1), seed: 1);
        offered.Count.ShouldBe(2);
        offered[0].Patience!.Value.ShouldBeGreaterThan(TimeSpan.FromSeconds(3));
        offered[1].Patience.ShouldBe(TimeSpan.FromSeconds(2));
        offered[1].Service.ShouldBe(TimeSpan.FromSeconds(1));
        TraceLoad.Arrivals(recorded, "m", patience: null, seed: 1)[0].Patience.ShouldBeNull();
        TraceLoad.Arrivals(recorded, "other", patience: null, seed: 1).ShouldBeEmpty();
    }

    private static List<Arrival> Read(string text, out List<string> errors)
    {
        errors = [];
        return TraceReader.Read(new StringReader(text), errors);
    }
}
