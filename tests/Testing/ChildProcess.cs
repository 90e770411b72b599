using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Admission.Testing;

/// <summary>A process that a test starts, in a group of its own, with its output. Disposing kills the whole group.</summary>
public sealed partial class ChildProcess : IAsyncDisposable
{
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;

    private readonly Process _process;
    private readonly List<string> _lines = [];

    private ChildProcess(Process process) => _process = process;

    /// <summary>Its number; also when it has ended, and somebody asks whose a connection was.</summary>
    public int Id { get; private set; }

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public string Output
    {
        get
        {
            lock (_lines)
            {
                return string.Join('\n', _lines);
            }
        }
    }

    public static ChildProcess Start(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        var info = new ProcessStartInfo("setsid", [file, .. arguments])
        {
            UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true,
            WorkingDirectory = folder ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            info.Environment[name] = value;
        }

        var process = new Process { StartInfo = info };
        var child = new ChildProcess(process);
        process.OutputDataReceived += child.Take;
        process.ErrorDataReceived += child.Take;
        process.Start();
        child.Id = process.Id;
        Watchdog.Watch(child.Id);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.StandardInput.Close();
        return child;
    }

    /// <summary>Sends a signal to the process alone.</summary>
    public void Signal(int signal) => _ = SendSignal(Id, signal);

    /// <summary>Sends a signal to the process, and then to those that it has started, which may be in groups of their own.</summary>
    public void SignalFamily(int signal)
    {
        Signal(signal);
        foreach (var child in ProcessTable.Children(Id))
        {
            _ = SendSignal(child, signal);
        }
    }

    /// <summary>Kills the process and all that it has started, at once, and waits for its end.</summary>
    public async Task KillGroupAsync()
    {
        _ = SendSignal(-Id, Kill);
        await WaitForExitAsync(TimeSpan.FromSeconds(10));
        await Until.TrueAsync(() => SendSignal(-Id, 0) != 0 || OnlyZombies(), TimeSpan.FromSeconds(10), () => "The killed group lives on.");
    }

    /// <summary>Waits for the process's end and its last output.</summary>
    public async Task<int> WaitForExitAsync(TimeSpan bound)
    {
        using var timeout = new CancellationTokenSource(bound);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException late)
        {
            throw new TimeoutException($"'{_process.StartInfo.ArgumentList[0]}' has not ended within {bound}. Its output:\n{Output}", late);
        }

        return _process.ExitCode;
    }

    public Task WaitForOutputAsync(string text, TimeSpan bound) =>
        Until.TrueAsync(() => Output.Contains(text, StringComparison.Ordinal), bound, () => $"No '{text}' in the output:\n{Output}");

    public async ValueTask DisposeAsync()
    {
        await KillGroupAsync();
        Watchdog.Forget(Id);
        _process.Dispose();
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SendSignal(int process, int signal);

    // An orphan that nobody has reaped yet is dead all the same.
    private bool OnlyZombies() => ProcessTable.Group(Id).All(process => process.State == 'Z');

    private void Take(object sender, DataReceivedEventArgs line)
    {
        if (line.Data is { } text)
        {
            lock (_lines)
            {
                _lines.Add(text);
            }
        }
    }
}
