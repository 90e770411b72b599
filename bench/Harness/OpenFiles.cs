using System.Globalization;

namespace Admission.Bench;

/// <summary>How many files a process may have open here, and so how many clients.</summary>
public static class OpenFiles
{
    /// <summary>For what is not a client.</summary>
    private const int Others = 1_200;

    /// <summary>The hard limit: .NET and the peers raise theirs to it by themselves.</summary>
    public static int Most { get; } = (int)Math.Min(Read(), 100_000);

    /// <summary>So many clients, or as many as can be.</summary>
    public static int Clients(int wanted) => Math.Min(wanted, Most - Others);

    private static long Read()
    {
        var limit = File.ReadLines("/proc/self/limits").First(line => line.StartsWith("Max open files", StringComparison.Ordinal));
        var hard = limit.Split(' ', StringSplitOptions.RemoveEmptyEntries)[4];
        return hard == "unlimited" ? long.MaxValue : long.Parse(hard, CultureInfo.InvariantCulture);
    }
}
