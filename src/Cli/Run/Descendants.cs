using System.Globalization;

namespace Admission.Cli.Run;

/// <summary>The processes that a command had started, and those had, when it was asked: once their parents have ended nothing shows any more that they belong to it. Linux's <c>/proc</c> tells; elsewhere there are none.</summary>
internal sealed class Descendants
{
    private const string Root = "/proc";
    private const int Kill = 9;

    // In a line of /proc/PID/stat after the name, which ends with the last bracket: proc_pid_stat(5).
    private const int State = 0;
    private const int Parent = 1;
    private const int Started = 19;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(20);

    /// <summary>A process that was killed is gone within this time, unless the kernel holds it.</summary>
    private static readonly TimeSpan GoneWithin = TimeSpan.FromSeconds(2);

    // A number is given to another process some time; when it was started tells them apart.
    private readonly List<(int Id, string Started)> _processes = [];

    private Descendants()
    {
    }

    /// <summary>Notes those of a process.</summary>
    public static Descendants Of(int process)
    {
        var found = new Descendants();
        if (!Directory.Exists(Root))
        {
            return found;
        }

        var all = Directory.EnumerateDirectories(Root).Select(path => Path.GetFileName(path)).Where(name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Select(name => (Id: int.Parse(name, CultureInfo.InvariantCulture), Fields: Look(name))).Where(each => each.Fields is not null)
            .ToLookup(each => int.Parse(each.Fields![Parent], CultureInfo.InvariantCulture), each => (each.Id, each.Fields![Started]));
        found._processes.AddRange(all[process]);
        for (var i = 0; i < found._processes.Count; i++)
        {
            found._processes.AddRange(all[found._processes[i].Id]);
        }

        return found;
    }

    /// <summary>Sends a signal to those that have not ended.</summary>
    public void Send(int signal)
    {
        foreach (var (id, _) in _processes.Where(IsAlive))
        {
            // That it has ended meanwhile is no failure.
            _ = ChildCommand.SendSignal(id, signal);
        }
    }

    /// <summary>Kills those that have not ended in time, and waits until they are gone.</summary>
    /// <param name="grace">How long they may go on.</param>
    /// <param name="time">The clock.</param>
    public async Task EndAsync(TimeSpan grace, TimeProvider time)
    {
        await GoneAsync(grace, time);
        Send(Kill);
        await GoneAsync(GoneWithin, time);
    }

    private static bool IsAlive((int Id, string Started) process) =>
        Look(process.Id.ToString(CultureInfo.InvariantCulture)) is { } fields && fields[Started] == process.Started && fields[State] is not ("Z" or "X");

    private static string[]? Look(string process)
    {
        try
        {
            var text = File.ReadAllText($"{Root}/{process}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (Exception ended) when (ended is IOException or UnauthorizedAccessException)
        {
            // It has ended meanwhile, or is none of ours.
            return null;
        }
    }

    private async Task GoneAsync(TimeSpan bound, TimeProvider time)
    {
        var from = time.GetTimestamp();
        while (_processes.Exists(IsAlive) && time.GetElapsedTime(from) < bound)
        {
            await Task.Delay(LookEvery, time);
        }
    }
}
