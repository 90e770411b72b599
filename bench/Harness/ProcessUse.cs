using System.Globalization;

namespace Admission.Bench;

/// <summary>What a process has used so far, from /proc.</summary>
public static class ProcessUse
{
    private const int TicksPerSecond = 100;

    /// <summary>Processor time, user and system, of all its threads (children that have ended and been reaped are not counted). In steps of 10 ms.</summary>
    public static TimeSpan Cpu(int process)
    {
        var stat = File.ReadAllText($"/proc/{process}/stat");
        var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
        var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
        return TimeSpan.FromSeconds((double)ticks / TicksPerSecond);
    }

    /// <summary>Processor time of a process and of the children that it has now: nginx and gunicorn work in those.</summary>
    public static TimeSpan CpuOfFamily(int process)
    {
        var sum = Cpu(process);
        foreach (var child in Children(process))
        {
            sum += CpuOfFamily(child);
        }

        return sum;
    }

    /// <summary>Resident memory in bytes.</summary>
    public static long ResidentBytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>Resident memory of a process and of the children that it has now, in bytes. Pages that they share count for each.</summary>
    public static long ResidentBytesOfFamily(int process) => ResidentBytes(process) + Children(process).Sum(ResidentBytesOfFamily);

    private static IEnumerable<int> Children(int process) =>
        from task in Directory.GetDirectories($"/proc/{process}/task")
        from child in File.ReadAllText(Path.Combine(task, "children")).Split(' ', StringSplitOptions.RemoveEmptyEntries)
        select int.Parse(child, CultureInfo.InvariantCulture);
}
