using System.Diagnostics;

namespace Admission.Testing;

/// <summary>
/// Ends what the tests have started when the test host dies, however it dies: a shell that is told of each process group,
/// and kills those that are left when its input ends.
/// </summary>
/// <remarks>
/// The kernel's parent-death signal would not do: it is sent when the *thread* that forked ends, which a pool's thread does,
/// and a grandchild does not get it.
/// </remarks>
public static class Watchdog
{
    private const string Script =
        """
        trap '' INT TERM HUP
        declare -A groups
        while read -r sign group; do
          case $sign in
            +) groups[$group]=1 ;;
            -) unset "groups[$group]" ;;
          esac
        done
        for group in "${!groups[@]}"; do kill -9 -- "-$group"; done 2>/dev/null
        """;

    private static readonly Lock Gate = new();
    private static readonly Lazy<Process> Shell = new(Start);

    public static void Watch(int group) => Tell('+', group);

    public static void Forget(int group) => Tell('-', group);

    private static void Tell(char sign, int group)
    {
        lock (Gate)
        {
            Shell.Value.StandardInput.WriteLine($"{sign} {group}");
            Shell.Value.StandardInput.Flush();
        }
    }

    private static Process Start() =>
        Process.Start(new ProcessStartInfo("setsid", ["bash", "-c", Script]) { UseShellExecute = false, RedirectStandardInput = true })!;
}
