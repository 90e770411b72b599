using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Admission.EndToEnd.Cluster.Network;

/// <summary>A network namespace of Linux: addresses, routes and neighbours of its own. Gone when it is disposed.</summary>
internal sealed partial class NetworkNamespace : IDisposable
{
    private const string Ip = "/usr/sbin/ip";
    private const string Folder = "/run/netns";
    private const string Prefix = "admission-";
    private const int CloneNewNet = 0x40000000;

    private readonly BlockingCollection<Action> _work = new(64);
    private readonly Thread _inside;

    private NetworkNamespace(string name)
    {
        Name = name;
        _inside = new(RunInside) { IsBackground = true };
        _inside.Start();
    }

    public string Name { get; }

    /// <summary>What stands before a command to run it there. The command takes this process's place.</summary>
    public IReadOnlyList<string> Command => [Ip, "netns", "exec", Name];

    /// <summary>Makes one, and deletes those that tests left behind which are gone.</summary>
    /// <exception cref="InvalidOperationException">It cannot be made here.</exception>
    public static NetworkNamespace Create(string name)
    {
        DeleteOrphans();
        var full = $"{Prefix}{Environment.ProcessId}-{name}";
        Run([Ip, "netns", "add", full]);
        Run([Ip, "-n", full, "link", "set", "lo", "up"]);
        return new(full);
    }

    /// <summary>Runs <c>ip</c> in it.</summary>
    /// <exception cref="InvalidOperationException">It says no.</exception>
    public void Configure(string arguments) => Run([Ip, "-n", Name, .. arguments.Split(' ')]);

    /// <summary>Makes a socket in it: the kernel keeps a socket where the thread was that made it.</summary>
    public Socket NewSocket()
    {
        var made = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() => made.SetResult(new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)));
        return made.Task.GetAwaiter().GetResult();
    }

    public void Dispose()
    {
        _work.CompleteAdding();
        _inside.Join();
        _work.Dispose();
        Run([Ip, "netns", "delete", Name]);
    }

    private static void DeleteOrphans()
    {
        foreach (var file in Directory.Exists(Folder) ? Directory.GetFiles(Folder, $"{Prefix}*") : [])
        {
            var name = Path.GetFileName(file);
            if (!Directory.Exists($"/proc/{name[Prefix.Length..].Split('-')[0]}"))
            {
                Run([Ip, "netns", "delete", name]);
            }
        }
    }

    private static void Run(string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true, UseShellExecute = false })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"'{string.Join(' ', command)}' ended with {process.ExitCode}: {errors.Trim()}");
        }
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetNamespace(SafeFileHandle file, int kind);

    private void RunInside()
    {
        using (var file = File.OpenHandle(Path.Combine(Folder, Name)))
        {
            if (SetNamespace(file, CloneNewNet) != 0)
            {
                throw new InvalidOperationException($"No way into the namespace {Name}: error {Marshal.GetLastPInvokeError()}");
            }
        }

        foreach (var action in _work.GetConsumingEnumerable())
        {
            action();
        }
    }
}
