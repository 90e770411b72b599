using System.CommandLine;
using System.Threading.Channels;
using Admission.Cli.Gateway;
using Admission.Cli.Help;
using Admission.Cli.Output;
using Admission.Cli.Terminals;
using Admission.Frontend.Api.Operating;

namespace Admission.Cli.Top;

/// <summary><c>admission top</c>: every backend, the worst first, live.</summary>
internal sealed class TopCommand : GatewayCommand
{
    private const string Path = "overview";

    /// <summary>Keys that are pressed faster than the screen is drawn.</summary>
    private const int MostEvents = 64;

    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(1);

    private readonly Option<string> _interval = new("--interval") { HelpName = "TIME", Description = "The pause between two looks. 200ms to 1m; default 1s." };
    private readonly Option<string> _sort = new("--sort") { HelpName = "WORD", Description = "trouble, name, use, waiting or refused. Default trouble." };
    private readonly Option<bool> _once = new("--once") { Description = "Looks once, and ends." };

    public TopCommand(CommandContext context)
        : base(
            "top", "Every backend, those in trouble first: live on a terminal, else a table at each look.", context,
            new Example("admission top", "q quits, arrows move, s sorts"),
            new Example("admission top --once --sort refused", "a table, once"),
            new Example("admission top --json --interval 5s", "a line of JSON every five seconds"))
    {
        _sort.CompletionSources.Add([.. Enum.GetNames<TopSort>().Select(name => name.ToLowerInvariant())]);
        Add(_interval);
        Add(_sort);
        Add(_once);
    }

    public override string More =>
        """
        Rates are those of the last 10 to 15 s and waits those of the last 30 to 60 s, as the ledgers count them. A gateway that goes away after the first look is told, and
        asked again at each interval until it is back.
        """;

    protected override Work Read(OptionValues values)
    {
        var interval = values.Duration(_interval, Shortest, Longest) ?? Usual;
        var sort = values.Choice(_sort, TopSort.Trouble);
        var once = values.Switch(_once);
        return session => once ? OnceAsync(session, sort) : session is { WantsJson: false, Context.Terminal: { } terminal } ? LiveAsync(session, sort, interval, terminal) : LogAsync(session, sort, interval);
    }

    private static async Task<int> OnceAsync(Session session, TopSort sort)
    {
        var answer = await session.GetAsync(Path);
        if (session.WantsJson)
        {
            session.Print(answer.Body);
        }
        else
        {
            Write(session, answer.As<OverviewView>(), sort);
        }

        return ExitCodes.Done;
    }

    private static async Task<int> LogAsync(Session session, TopSort sort, TimeSpan interval)
    {
        var (model, time) = (new TopModel(sort), session.Context.Time);
        while (true)
        {
            try
            {
                var answer = await session.GetAsync(Path);
                model.Took(answer.As<OverviewView>());
                if (session.WantsJson)
                {
                    session.PrintLine(answer.Body);
                }
                else
                {
                    Write(session, answer.As<OverviewView>(), sort);
                    session.Sheet.Line();
                    session.Context.Output.Flush();
                }
            }
            catch (CommandFailedException failed) when (model.At is not null && failed.ExitCode == ExitCodes.Unreachable)
            {
                if (model.AwaySince is null)
                {
                    session.Context.Tell($"{Ages.At(session.Now)} {failed.Message} Asking again.");
                }

                model.Missed(failed.Message, session.Now);
            }

            await Task.Delay(interval, time, session.Stop);
        }
    }

    private static async Task<int> LiveAsync(Session session, TopSort sort, TimeSpan interval, ITerminal terminal)
    {
        var model = new TopModel(sort);

        // A gateway that never was there is a mistake, and not something to wait for.
        model.Took((await session.GetAsync(Path)).As<OverviewView>());
        var events = Channel.CreateBounded<TerminalEvent>(new BoundedChannelOptions(MostEvents) { FullMode = BoundedChannelFullMode.DropWrite });
        using var listening = terminal.Listen(events.Writer);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(session.Stop);
        using var screen = new TopScreen(session.Context.Output, session.Context.HasColours, session.Api.Connection.Url.AbsoluteUri);
        screen.Open();
        var goesOn = true;
        var look = LookAsync(session, model, interval, ended.Token);
        var happened = events.Reader.WaitToReadAsync(ended.Token).AsTask();
        while (goesOn)
        {
            screen.Draw(model, terminal.Size, session.Now);
            if (await Task.WhenAny(look, happened) == look)
            {
                await look;
                look = LookAsync(session, model, interval, ended.Token);
                continue;
            }

            await happened;
            while (goesOn && events.Reader.TryRead(out var some))
            {
                goesOn = some.Key is not { } key || model.Press(key, TopScreen.PageOf(terminal.Size.Height));
            }

            happened = events.Reader.WaitToReadAsync(ended.Token).AsTask();
        }

        await ended.CancelAsync();
        await Task.WhenAny(look);
        return ExitCodes.Done;
    }

    /// <summary>Waits for its time, and looks.</summary>
    private static async Task LookAsync(Session session, TopModel model, TimeSpan interval, CancellationToken stop)
    {
        await Task.Delay(interval, session.Context.Time, stop);
        try
        {
            model.Took((await session.Api.GetAsync(Path, stop)).As<OverviewView>());
        }
        catch (CommandFailedException failed) when (failed.ExitCode == ExitCodes.Unreachable)
        {
            model.Missed(failed.Message, session.Now);
        }
    }

    private static void Write(Session session, OverviewView overview, TopSort sort)
    {
        session.Sheet.Line($"{Ages.At(overview.At)}  {session.Api.Connection.Url}");
        var rows = TopRow.Sorted(overview.Backends.Select(row => new TopRow(row)), sort);
        session.Sheet.Write(TopTable.Make(rows, rows.Select(row => row.Backend.Id.Length).DefaultIfEmpty(0).Max(), null, null, faint: false));
    }
}
