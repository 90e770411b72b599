using System.Runtime.InteropServices;

namespace Admission.LedgerBench;

/// <summary>How often the kernel has taken the processor away from this thread: what lay between is no measurement of what the thread does.</summary>
internal static partial class Preemptions
{
    private const int ThisThread = 1;

    /// <summary>The last of the words of <c>struct rusage</c>: two times of two words each, then fourteen counts.</summary>
    private const int Involuntary = 17;

    public static long Count()
    {
        Span<long> use = stackalloc long[Involuntary + 1];
        return GetUse(ThisThread, ref use[0]) == 0 ? use[Involuntary] : throw new InvalidOperationException("getrusage has failed.");
    }

    [LibraryImport("libc", EntryPoint = "getrusage")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetUse(int who, ref long use);
}
