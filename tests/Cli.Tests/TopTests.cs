using System.Globalization;
using System.Text.RegularExpressions;
using Admission.Cli.Output;
using Admission.Cli.Tests.Support;
using Admission.Cli.Top;
using Admission.Frontend.Api.Operating;
using Admission.Testing;

namespace Admission.Cli.Tests;

public sealed partial class TopTests
{
    private const string Answer =
        """
        {"at":"2026-11-21T23:00:00Z","leftOut":0,"problem":null,"backends":[
         {"id":"model","status":"granting","limit":2,"inUse":2,"waiting":0,"queueCapacity":0,"servedPerSecond":4,"refusedPerSecond":17,"waitP50":0,"waitP99":0.07,"utilisation":1,"trouble":280,
          "troubles":[{"kind":"refusing","weight":280,"words":"17 requests per second are refused"}]},
         {"id":"idle","status":"granting","limit":8,"inUse":0,"waiting":0,"utilisation":0,"trouble":0,"troubles":[]}]}
        """;

    [Fact]
    public void Those_in_trouble_come_first_and_the_others_by_name()
    {
        var model = Model();
        model.Rows.Select(row => row.Backend.Id).ShouldBe(["down", "busy", "a", "b"]);
        model.Press(FakeTerminal.Key(ConsoleKey.S), 10).ShouldBeTrue();
        model.Sort.ShouldBe(TopSort.Name);
        model.Rows.Select(row => row.Backend.Id).ShouldBe(["a", "b", "busy", "down"]);
        model.Press(FakeTerminal.Key(ConsoleKey.LeftArrow), 10);
        model.Press(FakeTerminal.Key(ConsoleKey.LeftArrow), 10);
        model.Sort.ShouldBe(TopSort.Refused);
        model.Press(FakeTerminal.Key(ConsoleKey.Q), 10).ShouldBeFalse();
    }

    [Fact]
    public void The_reader_stays_with_the_row_that_was_chosen()
    {
        var model = Model();
        model.Page(2).Select(row => row.Backend.Id).ShouldBe(["down", "busy"]);
        model.Press(FakeTerminal.Key(ConsoleKey.DownArrow), 2);
        model.Press(FakeTerminal.Key(ConsoleKey.DownArrow), 2);
        model.Rows[model.Selected].Backend.Id.ShouldBe("a");
        model.Page(2).Select(row => row.Backend.Id).ShouldBe(["busy", "a"]);

        // It is the worst of all now, and still the one.
        model.Took(Overview(("a", 900), ("down", 800), ("b", 0)));
        model.Rows[model.Selected].Backend.Id.ShouldBe("a");
        model.Page(2).Select(row => row.Backend.Id).ShouldBe(["a", "down"]);

        // It has gone.
        model.Took(Overview(("down", 800), ("b", 0)));
        model.Selected.ShouldBe(0);
        model.Press(FakeTerminal.Key(ConsoleKey.End), 1);
        model.Page(1).Single().Backend.Id.ShouldBe("b");
        model.Took(Overview());
        model.Page(1).ShouldBeEmpty();
        model.Press(FakeTerminal.Key(ConsoleKey.UpArrow), 1).ShouldBeTrue();
    }

    [Fact]
    public void An_outage_is_told_from_its_beginning_until_the_next_answer()
    {
        var model = Model();
        var begun = DateTimeOffset.UnixEpoch;
        model.Missed("away", begun);
        model.Missed("still away", begun + TimeSpan.FromSeconds(5));
        model.AwaySince.ShouldBe(begun);
        var drawn = Draw(model, 100, 20, begun + TimeSpan.FromSeconds(5));
        drawn[1].ShouldBe("No answer since 1970-01-01 00:00:00Z (5.00 s): this is how it was. still away");
        drawn.ShouldContain(line => line.Contains("down", StringComparison.Ordinal));
        model.Took(Overview(("a", 0)));
        Draw(model, 100, 20, begun)[1].ShouldStartWith("in use 1 of 2");
    }

    [Theory]
    [InlineData(40, 8)]
    [InlineData(60, 12)]
    [InlineData(80, 24)]
    [InlineData(120, 10)]
    [InlineData(250, 60)]
    public void It_fits_into_the_terminal(int width, int height)
    {
        var model = new TopModel(TopSort.Trouble);
        model.Took(Overview([.. Enumerable.Range(0, 30).Select(i => ($"a-backend-with-a-long-name-{i}", i * 40))]));
        var lines = Draw(model, width, height, DateTimeOffset.UnixEpoch);
        lines.Length.ShouldBeLessThanOrEqualTo(height);
        lines.ShouldAllBe(line => line.Length <= width);
        lines[3].Contains("LIMIT", StringComparison.Ordinal).ShouldBe(width >= 60);
        lines[3].Contains("TROUBLE", StringComparison.Ordinal).ShouldBe(width >= 120);
        lines[3].ShouldContain("REFUSED/S");
        lines[4].ShouldStartWith("> a-backe");
        lines[5].ShouldStartWith("  a-backe");
        var rows = Math.Min(30, height - 5);
        lines.Count(line => line.Contains("a-backe", StringComparison.Ordinal)).ShouldBe(rows);
        lines[^1].ShouldStartWith("q quit");
    }

    [Fact]
    public async Task It_lives_through_the_gateways_restart_and_leaves_the_terminal_as_it_was()
    {
        var stub = await Stub.StartAsync(static context => Stub.AnswerAsync(context, Answer));
        var port = new Uri(stub.Url).Port;
        var terminal = new FakeTerminal();
        using var output = new StringWriter();
        var cli = new CommandLine(stub.Url) { Terminal = terminal };
        var run = Task.Run(() => AdmissionCommand.Run(["top", "--interval", "200ms"], cli.Context(TextWriter.Synchronized(output), TextWriter.Null)));
        await UntilShownAsync(output, "17 requests per second");
        await terminal.PressAsync(ConsoleKey.S);
        await UntilShownAsync(output, "1 in trouble, by name");
        await terminal.ResizeAsync(60, 10);
        await stub.DisposeAsync();
        await UntilShownAsync(output, "No answer since");
        var seen = output.ToString().Length;
        await using var again = await Stub.StartAsync(static context => Stub.AnswerAsync(context, Answer.Replace("17", "23", StringComparison.Ordinal)), port);
        await UntilShownAsync(output, "refused 23", seen);
        await terminal.PressAsync(ConsoleKey.Q);
        (await run.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBe(ExitCodes.Done);
        var all = output.ToString();
        all.ShouldStartWith("\e[?1049h\e[?25l");
        all.ShouldEndWith("\e[?25h\e[?1049l");
    }

    [Fact]
    public async Task A_stop_leaves_the_terminal_as_it_was()
    {
        await using var stub = await Stub.StartAsync(static context => Stub.AnswerAsync(context, Answer));
        using var stop = new CancellationTokenSource();
        using var output = new StringWriter();
        var cli = new CommandLine(stub.Url) { Terminal = new FakeTerminal() };
        var run = Task.Run(() => AdmissionCommand.Run(["top"], cli.Context(TextWriter.Synchronized(output), TextWriter.Null, stop.Token)));
        await UntilShownAsync(output, "17 requests per second");
        await stop.CancelAsync();
        (await run.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBe(ExitCodes.Interrupted);
        output.ToString().ShouldEndWith("\e[?25h\e[?1049l");
    }

    [Fact]
    public async Task Without_a_terminal_it_prints_tables_or_lines()
    {
        await using var stub = await Stub.StartAsync(static context => Stub.AnswerAsync(context, Answer));
        var cli = new CommandLine(stub.Url);
        var once = cli.Done("top", "--once").ReplaceLineEndings("\n").Split('\n');
        once[0].ShouldBe($"2026-11-21 23:00:00Z  {stub.Url}/");
        once[1].ShouldStartWith("BACKEND  ");
        once[2].ShouldStartWith("model    100 %  [||||||||||]");
        once[2].ShouldEndWith("17 requests per second are refused");
        once.ShouldAllBe(line => !line.Contains('\e'));
        cli.Done("top", "--once", "--sort", "name").ReplaceLineEndings("\n").Split('\n')[2].ShouldStartWith("idle");

        using var stop = new CancellationTokenSource();
        using var output = new StringWriter();
        var run = Task.Run(() => AdmissionCommand.Run(["top", "--json", "--interval", "200ms"], cli.Context(TextWriter.Synchronized(output), TextWriter.Null, stop.Token)));
        await Until.TrueAsync(() => output.ToString().Count(letter => letter == '\n') >= 2, TimeSpan.FromSeconds(30), () => output.ToString());
        await stop.CancelAsync();
        (await run.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBe(ExitCodes.Interrupted);
        output.ToString().TrimEnd().ReplaceLineEndings("\n").Split('\n').ShouldAllBe(line => System.Text.Json.JsonDocument.Parse(line, default).RootElement.GetProperty("backends").GetArrayLength() == 2);
    }

    [Fact]
    public void Colours_are_for_terminals_that_want_them()
    {
        var cli = new CommandLine("http://192.0.2.1") { Terminal = new FakeTerminal() };
        cli.Context(TextWriter.Null, TextWriter.Null).HasColours.ShouldBeTrue();
        cli.Environment["NO_COLOR"] = "1";
        cli.Context(TextWriter.Null, TextWriter.Null).HasColours.ShouldBeFalse();
        new CommandLine("http://192.0.2.1").Context(TextWriter.Null, TextWriter.Null).HasColours.ShouldBeFalse();
        using var coloured = new StringWriter();
        new Sheet(coloured, hasColours: true).Line(new Cell("wrong", Level.Bad));
        coloured.ToString().ShouldContain("\e[");
    }

    private static Task UntilShownAsync(StringWriter output, string text, int from = 0) =>
        Until.TrueAsync(() => output.ToString()[from..].Contains(text, StringComparison.Ordinal), TimeSpan.FromSeconds(30), () => $"No '{text}' at the end of {output.ToString()[^Math.Min(3000, output.ToString().Length)..]}");

    private static TopModel Model()
    {
        var model = new TopModel(TopSort.Trouble);
        model.Took(Overview(("b", 0), ("busy", 150), ("down", 1000), ("a", 0)));
        return model;
    }

    private static OverviewView Overview(params (string Id, int Trouble)[] backends) => new(
        DateTimeOffset.UnixEpoch,
        [.. backends.Select(each => new OverviewRowView(
            each.Id, "granting", 2, 1, 0, 0, 1_234, 10_000, 123.456, 1_234.5, 0.012, 12.5, 0.5, each.Trouble,
            each.Trouble > 0 ? [new TroubleView("refusing", each.Trouble, string.Create(CultureInfo.InvariantCulture, $"something is wrong with it, and by {each.Trouble}"))] : [],
            null, 2, 0, 1, false, false, false, 1, null, null, null))],
        0,
        null);

    private static string[] Draw(TopModel model, int width, int height, DateTimeOffset now)
    {
        using var output = new StringWriter();
        using var screen = new TopScreen(output, hasColours: false, "http://127.0.0.1:8080/");
        screen.Draw(model, (width, height), now);
        return Escape().Replace(output.ToString(), "").ReplaceLineEndings("\n").Split('\n');
    }

    [GeneratedRegex(@"\e\[[0-9;?]*[A-Za-z]", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Escape();
}
